package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Unigram}: of all ways to cut a word into tokens the one whose scores, logarithms of probabilities, have the
 * largest sum, found from left to right (Kudo 2018; Viterbi). A character that begins no way is unknown, and unknown
 * neighbours are one token.
 */
final class Unigram implements TokenModel {
    private static final Set<String> FIELDS = Set.of("type", "unk_id", "vocab", "byte_fallback");
    private static final double UNKNOWN_PENALTY = 10;
    private static final int NOWHERE = -1;
    private static final int LARGEST_EXPONENT = 308;

    private final Path file;
    private final Vocabulary vocabulary;
    private final double[] scores;
    private final double unknownScore;
    private final int unknown;
    private final Trie trie;
    private final int[] byteIds = new int[256];

    private Unigram(JsonObject model) {
        model.allowOnly(FIELDS);
        this.file = model.source();
        List<?> vocab = model.list("vocab");
        String[] tokens = new String[vocab.size()];
        this.scores = new double[vocab.size()];
        for (int id = 0; id < tokens.length; id++) {
            if (!(vocab.get(id) instanceof List<?> pair) || pair.size() != 2 || !(pair.get(0) instanceof String token)
                    || !(pair.get(1) instanceof Number score)) {
                throw model.error("vocab[" + id + "]",
                        "a token and its score are expected, not " + Shown.value(vocab.get(id)));
            }
            tokens[id] = token;
            scores[id] = asRead(score.doubleValue());
        }
        this.vocabulary = Vocabulary.of(tokens);
        this.unknown = model.integer("unk_id", Vocabulary.ABSENT);
        if (unknown < Vocabulary.ABSENT || unknown >= tokens.length) {
            throw model.error("unk_id", unknown + " is not among the " + tokens.length + " tokens");
        }
        this.unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
        this.trie = new Trie(tokens.length);
        for (int id = 0; id < tokens.length; id++) {
            if (!tokens[id].isEmpty()) {
                trie.put(tokens[id], id);
            }
        }
        boolean fallback = model.flag("byte_fallback", false);
        Arrays.setAll(byteIds, b -> fallback ? vocabulary.id("<0x%02X>".formatted(b)) : Vocabulary.ABSENT);
    }

    /**
     * A score as Hugging Face's library reads it, all digits by a power of ten: now and then another last bit than the
     * nearest number's, which decides where two ways are equally good, as in long rows of one character.
     */
    private static double asRead(double score) {
        BigDecimal digits = new BigDecimal(Double.toString(score));
        int scale = digits.scale();
        return scale <= 0 || scale > LARGEST_EXPONENT ? score
                : digits.unscaledValue().longValueExact() / Double.parseDouble("1e" + scale);
    }

    static Unigram of(JsonObject model) {
        return new Unigram(model);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int unknown() {
        return unknown;
    }

    @Override
    public void tokenize(String text, int from, int to, TokenList tokens) {
        int length = to - from;
        int[] begins = new int[length + 1]; // of the best way to here, where its last token begins
        int[] ids = new int[length + 1];
        bestWays(text, from, length, begins, ids);
        // Walked back, the ends of the tokens of the best way are put one behind the other at the end of `ends`.
        int[] ends = new int[length];
        int first = length;
        for (int end = length; end > 0; end = begins[end]) {
            ends[--first] = end;
        }
        int start = 0;
        for (int i = first; i < length; i++) {
            if (ids[ends[i]] != unknown) {
                tokens.add(ids[ends[i]], start, ends[i]);
                start = ends[i];
            } else if (i + 1 == length || ids[ends[i + 1]] != unknown) {
                addUnknown(text.substring(from + start, from + ends[i]), start, ends[i], tokens);
                start = ends[i];
            }
        }
    }

    private void bestWays(String text, int from, int length, int[] begins, int[] ids) {
        double[] best = new double[length + 1];
        Arrays.fill(begins, NOWHERE);
        for (int start = 0; start < length;) {
            int character = Character.charCount(text.codePointAt(from + start));
            boolean known = false;
            int node = 0;
            for (int end = start + 1; end <= length; end++) {
                node = trie.child(node, text.charAt(from + end - 1));
                if (node == Trie.ABSENT) {
                    break;
                }
                int id = trie.value(node);
                if (id != Trie.ABSENT) {
                    double score = best[start] + scores[id];
                    if (begins[end] == NOWHERE || score > best[end]) {
                        best[end] = score;
                        begins[end] = start;
                        ids[end] = id;
                    }
                    known |= end - start == character;
                }
            }
            int next = start + character;
            double score = best[start] + unknownScore;
            if (!known && (begins[next] == NOWHERE || score > best[next])) {
                best[next] = score;
                begins[next] = start;
                ids[next] = unknown;
            }
            start = next;
        }
    }

    /** What is unknown is the token of its text, if there is one, or the tokens of its bytes, or unknown. */
    private void addUnknown(String text, int start, int end, TokenList tokens) {
        int id = vocabulary.id(text);
        if (id != Vocabulary.ABSENT) {
            tokens.add(id, start, end);
            return;
        }
        int[] bytes = byteTokens(text);
        if (bytes != null) {
            for (int b : bytes) {
                tokens.add(b, start, end);
            }
        } else if (unknown == Vocabulary.ABSENT) {
            throw new InputException(file, "model.unk_id",
                    "says no token for what is unknown, and " + Shown.value(text) + " is in none");
        } else {
            tokens.add(unknown, start, end, text);
        }
    }

    private int @Nullable [] byteTokens(String text) {
        int[] tokens = text.codePoints().flatMap(c -> {
            int length = ByteAlphabet.length(c);
            return IntStream.range(0, length).map(b -> byteIds[ByteAlphabet.byteAt(c, b, length)]);
        }).toArray();
        return Arrays.stream(tokens).anyMatch(id -> id == Vocabulary.ABSENT) ? null : tokens;
    }
}
