package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.primitive.LongIntMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pairs of tokens are merged into one, the pair of the lowest rank first.
 *
 * @param ranks of a {@linkplain Symbols#key pair} its rank, or -1
 * @param merged of each rank the token that comes of it
 */
record Merges(LongIntMap ranks, int[] merged) {

    /**
     * The merges of a file, {@code "a b"} or {@code ["a", "b"]}. Where a pair is there twice, its last rank counts.
     *
     * @param prefix what tokens inside a word begin with, which goes when they are merged
     */
    static Merges of(JsonObject model, Vocabulary vocabulary, String prefix) {
        List<?> lines = model.list("merges");
        LongIntMap ranks = new LongIntMap(lines.size());
        int[] merged = new int[lines.size()];
        for (int rank = 0; rank < merged.length; rank++) {
            String[] pair = pair(lines.get(rank));
            if (pair == null) {
                throw error(model, rank, "two tokens are expected, not " + Shown.value(lines.get(rank)));
            }
            int left = require(model, rank, vocabulary, pair[0]);
            int right = require(model, rank, vocabulary, pair[1]);
            String rest = pair[1].startsWith(prefix) ? pair[1].substring(prefix.length()) : pair[1];
            merged[rank] = require(model, rank, vocabulary, pair[0] + rest);
            ranks.put(Symbols.key(left, right), rank);
        }
        return new Merges(ranks, merged);
    }

    private static String @Nullable [] pair(@Nullable Object line) {
        return switch (line) {
            case String text when text.indexOf(' ') >= 0 && text.indexOf(' ') == text.lastIndexOf(' ') ->
                new String[] {text.substring(0, text.indexOf(' ')), text.substring(text.indexOf(' ') + 1)};
            case List<?> list when list.size() == 2 && list.get(0) instanceof String left
                    && list.get(1) instanceof String right ->
                new String[] {left, right};
            case null, default -> null;
        };
    }

    private static int require(JsonObject model, int rank, Vocabulary vocabulary, String token) {
        int id = vocabulary.id(token);
        if (id == Vocabulary.ABSENT) {
            throw error(model, rank, Shown.value(token) + " is not in the vocabulary");
        }
        return id;
    }

    private static InputException error(JsonObject model, int rank, String rule) {
        return model.error("merges[" + rank + "]", rule);
    }
}
