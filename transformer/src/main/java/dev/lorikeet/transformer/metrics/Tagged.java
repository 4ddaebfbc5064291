package dev.lorikeet.transformer.metrics;

import java.util.List;

/**
 * Tags that were said of words, beside the true ones.
 *
 * @param tags all that there are, those of entities where {@link Entities#areTags} says so
 * @param actual the true tags of each sentence
 * @param said those that were said, in the same order
 */
public record Tagged(List<String> tags, List<List<String>> actual, List<List<String>> said) implements Details {
    public Tagged {
        tags = List.copyOf(tags);
        actual = List.copyOf(actual);
        said = List.copyOf(said);
    }

    /** Whether whole entities are scored, and not tags. */
    public boolean areEntities() {
        return Entities.areTags(tags);
    }

    /** How well each type of entity is found, or each tag is told. */
    public NamedScores named() {
        return NamedScores.of(areEntities() ? EntityScores.of(actual, said, false).each()
                : TagScores.of(actual, said).each());
    }
}
