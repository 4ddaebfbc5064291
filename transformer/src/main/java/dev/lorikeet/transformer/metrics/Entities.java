package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.io.Shown;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The entities of a sentence whose tokens have tags: {@code O} for none, or {@code B-}, {@code I-}, {@code E-} or
 * {@code S-} and the type for its beginning, its inside, its end, or a single token. A tag without a type, {@code B},
 * has the type {@code _}, as in seqeval.
 */
public final class Entities {
    /** The tag of a token of no entity. */
    public static final String NONE = "O";

    private static final String NO_TYPE = "_";

    private Entities() {}

    /**
     * A run of tokens.
     *
     * @param type for example {@code PER}
     * @param from the index of its first token
     * @param to the index behind its last token
     */
    public record Entity(String type, int from, int to) {}

    private record Tag(char prefix, String type) {
        boolean hasPrefix(String prefixes) {
            return prefixes.indexOf(prefix) >= 0;
        }
    }

    /**
     * The entities as CoNLL's evaluation has them (conlleval, seqeval's {@code get_entities}), which makes the best of
     * tags that do not fit together: {@code I-} and {@code E-} go on with an entity of their type that is open, and
     * begin one where none is. {@code E-} and {@code S-} close it.
     *
     * @return from the first to the last; they do not overlap
     * @throws IllegalArgumentException if a tag is none of those
     */
    public static List<Entity> of(List<String> tags) {
        List<Entity> entities = new ArrayList<>();
        String open = null;
        int from = 0;
        for (int i = 0; i < tags.size(); i++) {
            Tag tag = tag(tags.get(i), i);
            boolean goesOn = tag.hasPrefix("IE") && tag.type.equals(open);
            if (!goesOn && open != null) {
                entities.add(new Entity(open, from, i));
                open = null;
            }
            if (!goesOn && !tag.hasPrefix("O")) {
                open = tag.type;
                from = i;
            }
            if (open != null && tag.hasPrefix("ES")) {
                entities.add(new Entity(open, from, i + 1));
                open = null;
            }
        }
        if (open != null) {
            entities.add(new Entity(open, from, tags.size()));
        }
        return List.copyOf(entities);
    }

    /**
     * The entities as the scheme IOB2 has them (seqeval's {@code mode="strict", scheme=IOB2}): {@code B-} begins one,
     * {@code I-} of its type goes on with it, and an {@code I-} anywhere else belongs to none.
     *
     * @return from the first to the last; they do not overlap
     * @throws IllegalArgumentException if a tag is neither {@code O} nor begins with {@code B-} or {@code I-}
     */
    public static List<Entity> strict(List<String> tags) {
        List<Entity> entities = new ArrayList<>();
        String open = null;
        int from = 0;
        for (int i = 0; i < tags.size(); i++) {
            Tag tag = tag(tags.get(i), i);
            if (tag.hasPrefix("ES")) {
                throw new IllegalArgumentException("entities: tag " + i + " is " + Shown.value(tags.get(i))
                        + ", and IOB2 has only O, B- and I-");
            }
            if (open != null && !(tag.hasPrefix("I") && tag.type.equals(open))) {
                entities.add(new Entity(open, from, i));
                open = null;
            }
            if (tag.hasPrefix("B")) {
                open = tag.type;
                from = i;
            }
        }
        if (open != null) {
            entities.add(new Entity(open, from, tags.size()));
        }
        return List.copyOf(entities);
    }

    /**
     * Whether these can be the tags of entities: each is {@code O} or has a type behind {@code B-}, {@code I-},
     * {@code E-} or {@code S-}, and not all are {@code O}. Letters without a type are not taken for such, though
     * {@link #of} reads them: other sets of tags have letters.
     */
    public static boolean areTags(Collection<String> tags) {
        return tags.stream().allMatch(tag -> tag.equals(NONE) || tag.matches("(?s)[BIES]-.+"))
                && tags.stream().anyMatch(tag -> !tag.equals(NONE));
    }

    private static Tag tag(String text, int index) {
        if (text.equals(NONE)) {
            return new Tag('O', "");
        }
        if (text.matches("(?s)[BIES](-.*)?")) {
            return new Tag(text.charAt(0), text.length() < 3 ? NO_TYPE : text.substring(2));
        }
        throw new IllegalArgumentException("entities: tag " + index + " is " + Shown.value(text)
                + ", and O or a type behind B-, I-, E- or S- is expected");
    }
}
