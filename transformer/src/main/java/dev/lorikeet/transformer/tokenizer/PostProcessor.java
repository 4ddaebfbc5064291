package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is put around one text and around two, and whether the spaces at the ends of tokens are part of their ranges.
 *
 * @param single a text and the tokens around it
 * @param pair two texts and the tokens around them; empty where two are not read
 * @param trims how the ranges of byte-level tokens are trimmed, one after the other
 */
record PostProcessor(List<Piece> single, List<Piece> pair, List<Trim> trims) {
    private static final Piece FIRST = new Piece(0, new TokenList(0), 0);
    private static final Piece SECOND = new Piece(1, new TokenList(0), 1);

    /** Texts and nothing else. */
    static final PostProcessor NONE = new PostProcessor(List.of(FIRST), List.of(FIRST, SECOND), List.of());

    /**
     * A part of what the model reads.
     *
     * @param text 0 or 1 for a text, -1 for special tokens
     * @param type the segment of its tokens
     */
    record Piece(int text, TokenList special, int type) {
        boolean isText() {
            return text >= 0;
        }
    }

    /** @param prefixSpace whether the first space of a text was put there, and stands for nothing */
    record Trim(boolean prefixSpace) {
        private static List<Trim> of(JsonObject processor) {
            return processor.flag("trim_offsets", true) ? List.of(new Trim(processor.flag("add_prefix_space", true)))
                    : List.of();
        }

        /** Moves the ranges of tokens from {@code from} on that begin or end with spaces, whose text is asked for. */
        private void trim(TokenList tokens, int from, Tokens names) {
            for (int i = from; i < tokens.size(); i++) {
                String token = names.text(tokens, i);
                int leading = 0;
                while (leading < token.length() && isSpace(token.charAt(leading))) {
                    leading++;
                }
                int trailing = 0;
                while (trailing < token.length() && isSpace(token.charAt(token.length() - 1 - trailing))) {
                    trailing++;
                }
                if (leading > 0 || trailing > 0) {
                    if (prefixSpace && leading == 1 && (i == from || tokens.start(i) == 0)) {
                        leading = 0;
                    }
                    int start = Math.min(tokens.start(i) + leading, tokens.end(i));
                    int end = tokens.end(i) < trailing ? tokens.end(i) : Math.max(tokens.end(i) - trailing, start);
                    tokens.move(i, start, end);
                }
            }
        }

        private static boolean isSpace(char c) {
            return c == '\u0120' || BertCharacters.isWhitespace(c); // a space in the byte alphabet
        }
    }

    /** What tokens are called. */
    @FunctionalInterface
    interface Tokens {
        String text(TokenList tokens, int token);
    }

    static PostProcessor of(JsonObject processor) {
        String type = processor.string("type");
        return switch (type) {
            case "TemplateProcessing" -> {
                processor.allowOnly(Set.of("type", "single", "pair", "special_tokens"));
                yield new PostProcessor(template(processor, "single", "A"),
                        processor.has("pair") ? template(processor, "pair", "AB") : List.of(), List.of());
            }
            case "BertProcessing" -> {
                processor.allowOnly(Set.of("type", "sep", "cls"));
                Piece sep = named(processor, "sep");
                yield around(named(processor, "cls"), sep, List.of(SECOND, new Piece(-1, sep.special(), 1)), List.of());
            }
            case "RobertaProcessing" -> {
                processor.allowOnly(Set.of("type", "sep", "cls", "trim_offsets", "add_prefix_space"));
                Piece sep = named(processor, "sep");
                yield around(named(processor, "cls"), sep, List.of(sep, new Piece(1, new TokenList(0), 0), sep),
                        Trim.of(processor));
            }
            case "ByteLevel" -> {
                processor.allowOnly(Set.of("type", "add_prefix_space", "trim_offsets", "use_regex"));
                yield new PostProcessor(NONE.single, NONE.pair, Trim.of(processor));
            }
            case "Sequence" -> {
                processor.allowOnly(Set.of("type", "processors"));
                yield sequence(processor);
            }
            default -> throw processor.error("type", type + " is not supported");
        };
    }

    private static PostProcessor sequence(JsonObject processor) {
        PostProcessor around = null;
        List<Trim> trims = new ArrayList<>();
        for (JsonObject json : processor.objects("processors")) {
            PostProcessor next = of(json);
            trims.addAll(next.trims);
            if (!json.string("type").equals("ByteLevel")) {
                if (around != null) {
                    throw json.error("type", "a second one that puts tokens around texts is not supported");
                }
                around = next;
            }
        }
        PostProcessor pieces = around == null ? NONE : around;
        return new PostProcessor(pieces.single, pieces.pair, trims);
    }

    private static PostProcessor around(Piece before, Piece behind, List<Piece> second, List<Trim> trims) {
        List<Piece> single = List.of(before, FIRST, behind);
        return new PostProcessor(single, Stream.concat(single.stream(), second.stream()).toList(), trims);
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
                pieces.add(new Piece(next++, new TokenList(0), type));
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

    private static Piece named(JsonObject processor, String field) {
        List<?> named = processor.list(field);
        InputException otherwise = processor.error(field, "a token and its id are expected, not " + named);
        if (named.size() != 2) {
            throw otherwise;
        }
        TokenList special = new TokenList();
        add(named.get(0), named.get(1), special, otherwise);
        return new Piece(-1, special, 0);
    }

    private static void add(@Nullable Object token, @Nullable Object id, TokenList to, InputException otherwise) {
        if (!(token instanceof String text) || !(id instanceof Integer number) || number < 0
                || number == Integer.MAX_VALUE) {
            throw otherwise;
        }
        to.add(number, 0, 0, text);
    }

    int largestId() {
        return Stream.concat(single.stream(), pair.stream()).mapToInt(piece -> piece.special().largestId()).max()
                .orElse(-1);
    }

    /** The same without the special tokens. */
    PostProcessor withoutSpecialTokens() {
        return new PostProcessor(single.stream().filter(Piece::isText).toList(),
                pair.stream().filter(Piece::isText).toList(), trims);
    }

    /** Whether there is a way to read two texts. */
    boolean pairs() {
        return !pair.isEmpty();
    }

    /**
     * Puts the special tokens around the tokens of one text or of two, of which as many as fit are kept; words are one
     * text.
     *
     * @param parts whether to go on with what did not fit, in the order of Hugging Face's library: with two texts, each
     *     further part of the first with all parts of the second, then the first part with the second's further ones
     */
    List<Encoding> around(List<TokenList> texts, Truncation truncation, boolean parts, Tokens names) {
        List<Piece> pieces = texts.size() == 1 ? single : pair;
        int specials = pieces.stream().mapToInt(piece -> piece.special().size()).sum();
        int room = truncation.maxLength() - specials;
        if (room < 0) {
            throw new IllegalArgumentException("encode: a longest length of " + truncation.maxLength()
                    + " has no room for " + specials + " special tokens");
        }
        int[] kept = truncation.kept(texts.stream().mapToInt(TokenList::size).toArray(), room);
        int[][] first = truncation.parts(texts.getFirst().size(), kept[0]);
        int[][] second = texts.size() == 1 ? new int[1][] : truncation.parts(texts.getLast().size(), kept[1]);
        List<Encoding> encodings = new ArrayList<>();
        encodings.add(encoding(pieces, texts, names, first[0], second[0]));
        for (int i = 1; parts && i < first.length; i++) {
            for (int[] each : second) {
                encodings.add(encoding(pieces, texts, names, first[i], each));
            }
        }
        for (int j = 1; parts && j < second.length; j++) {
            encodings.add(encoding(pieces, texts, names, first[0], second[j]));
        }
        return encodings;
    }

    private Encoding encoding(List<Piece> pieces, List<TokenList> texts, Tokens names, int[]... parts) {
        TokenList all = new TokenList(64);
        IntList types = new IntList();
        IntList sequences = new IntList();
        int left = texts.stream().mapToInt(TokenList::size).sum();
        for (Piece piece : pieces) {
            int before = all.size();
            if (piece.isText()) {
                int[] part = parts[piece.text()];
                all.addAll(texts.get(piece.text()), part[0], part[1]);
                trims.forEach(trim -> trim.trim(all, before, names));
                left -= part[1] - part[0];
            } else {
                all.addAll(piece.special(), 0, piece.special().size());
            }
            for (int token = before; token < all.size(); token++) {
                types.add(piece.type());
                sequences.add(piece.text());
            }
        }
        String[] tokens = new String[all.size()];
        Arrays.setAll(tokens, token -> names.text(all, token));
        return new Encoding(all.ids(), types.toArray(), List.of(tokens), all.words(), all.starts(), all.ends(),
                sequences.toArray(), left);
    }
}
