package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The post-processor: the tokens put around one text and around two. {@code TemplateProcessing} spells them out,
 * {@code BertProcessing} names the one before and the one behind each text.
 */
record SpecialTokens(List<Piece> single, List<Piece> pair) {
    private static final Set<String> TEMPLATE_FIELDS = Set.of("type", "single", "pair", "special_tokens");
    private static final Set<String> BERT_FIELDS = Set.of("type", "sep", "cls");

    /**
     * A part of what the model reads.
     *
     * @param text 0 or 1 for a text, -1 for special tokens
     * @param type the segment of its tokens
     */
    private record Piece(int text, TokenList special, int type) {
        boolean isText() {
            return text >= 0;
        }
    }

    static SpecialTokens of(JsonObject processor) {
        String type = processor.string("type");
        return switch (type) {
            case "TemplateProcessing" -> {
                processor.allowOnly(TEMPLATE_FIELDS);
                yield new SpecialTokens(template(processor, "single", "A"), processor.has("pair")
                        ? template(processor, "pair", "AB")
                        : List.of());
            }
            case "BertProcessing" -> bert(processor);
            default -> throw processor.error("type",
                    type + " is not supported, TemplateProcessing and BertProcessing are");
        };
    }

    /** @param texts the names of the texts, each of which is there once, in this order */
    private static List<Piece> template(JsonObject processor, String field, String texts) {
        List<Piece> pieces = new ArrayList<>();
        int next = 0;
        for (JsonObject piece : processor.objects(field)) {
            boolean sequence = piece.has("Sequence");
            JsonObject content = piece.object(sequence ? "Sequence" : "SpecialToken");
            int type = content.integer("type_id");
            if (type < 0 || type >= texts.length()) {
                throw content.error("type_id", texts.length() == 1 ? "a single text is of type 0"
                        : "texts are of the types 0 and 1");
            }
            if (!sequence) {
                TokenList special = new TokenList();
                addSpecial(processor.object("special_tokens").object(content.string("id")), special);
                pieces.add(new Piece(-1, special, type));
            } else if (next < texts.length() && content.string("id").equals(texts.substring(next, next + 1))) {
                pieces.add(new Piece(next++, new TokenList(), type));
            } else {
                throw content.error("id", texts.length() == 1 ? "a single text is the sequence A, once"
                        : "a pair is the sequences A and B, each once");
            }
        }
        if (next < texts.length()) {
            throw processor.error(field, "the sequence " + texts.charAt(next) + " is missing");
        }
        return pieces;
    }

    private static void addSpecial(JsonObject special, TokenList to) {
        List<?> ids = special.list("ids");
        List<?> tokens = special.list("tokens");
        if (ids.size() != tokens.size()) {
            throw special.error("ids", ids.size() + " ids for " + tokens.size() + " tokens");
        }
        for (int i = 0; i < ids.size(); i++) {
            add(tokens.get(i), ids.get(i), to,
                    special.error("ids", "ids and tokens are expected, not " + ids + tokens));
        }
    }

    private static SpecialTokens bert(JsonObject processor) {
        processor.allowOnly(BERT_FIELDS);
        Piece before = named(processor, "cls", 0);
        Piece behind = named(processor, "sep", 0);
        Piece first = new Piece(0, new TokenList(), 0);
        return new SpecialTokens(List.of(before, first, behind),
                List.of(before, first, behind, new Piece(1, new TokenList(), 1), new Piece(-1, behind.special(), 1)));
    }

    private static Piece named(JsonObject processor, String field, int type) {
        List<?> named = processor.list(field);
        InputException otherwise = processor.error(field, "a token and its id are expected, not " + named);
        if (named.size() != 2) {
            throw otherwise;
        }
        TokenList special = new TokenList();
        add(named.get(0), named.get(1), special, otherwise);
        return new Piece(-1, special, type);
    }

    private static void add(@Nullable Object token, @Nullable Object id, TokenList to, InputException otherwise) {
        if (!(token instanceof String text) || !(id instanceof Integer number) || number < 0) {
            throw otherwise;
        }
        to.add(text, number);
    }

    IntStream ids() {
        return Stream.concat(single.stream(), pair.stream()).flatMapToInt(piece -> piece.special().ids.intStream());
    }

    int largestId() {
        return ids().max().orElse(-1);
    }

    /** Whether there is a way to read two texts. */
    boolean pairs() {
        return !pair.isEmpty();
    }

    /** Puts them around the tokens of one text or of two, of which as many as fit are kept; words are one text. */
    Encoding around(List<TokenList> texts, int maxLength) {
        List<Piece> pieces = texts.size() == 1 ? single : pair;
        int specials = pieces.stream().mapToInt(piece -> piece.special().size()).sum();
        int room = maxLength - specials;
        if (room < 0) {
            throw new IllegalArgumentException("encode: a longest length of " + maxLength + " has no room for "
                    + specials + " special tokens");
        }
        int[] kept = kept(texts.stream().mapToInt(TokenList::size).toArray(), room);
        TokenList all = new TokenList();
        IntArrayList types = new IntArrayList();
        for (Piece piece : pieces) {
            TokenList own = piece.isText() ? texts.get(piece.text()) : piece.special();
            int count = piece.isText() ? kept[piece.text()] : own.size();
            all.addFirst(own, count);
            IntStream.range(0, count).forEach(_ -> types.add(piece.type()));
        }
        return new Encoding(all.ids.toIntArray(), types.toIntArray(), List.copyOf(all.tokens),
                all.words.toIntArray(), texts.stream().mapToInt(TokenList::size).sum() - IntStream.of(kept).sum());
    }

    /**
     * How many tokens of each text stay: of two, the longer one is cut until both are equally long, then both, as
     * {@code longest_first} of Hugging Face's library has it.
     */
    private static int[] kept(int[] sizes, int room) {
        if (sizes.length == 1) {
            return new int[] {Math.min(sizes[0], room)};
        }
        if (sizes[0] + sizes[1] <= room) {
            return sizes;
        }
        boolean firstIsShorter = sizes[0] <= sizes[1];
        int shorter = Math.min(sizes[0], sizes[1]);
        int longer = Math.max(shorter, room - shorter);
        if (shorter + longer > room) {
            shorter = room / 2;
            longer = room - shorter;
        }
        return firstIsShorter ? new int[] {shorter, longer} : new int[] {longer, shorter};
    }
}
