package dev.lorikeet.transformer.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tokens while they are being read: ids, and the range of chars that each stands for. */
final class TokenList {
    private int[] ids;
    private int[] starts;
    private int[] ends;
    /** Of each token the number of its word, -1 for those of none. */
    private int[] words;
    private int size;
    /** Of some tokens what they stand for, where that is not what the vocabulary says: text that no token spells. */
    private @Nullable Map<Integer, String> spelled;

    TokenList() {
        this(16);
    }

    TokenList(int capacity) {
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
        words = new int[capacity];
    }

    void add(int id, int start, int end) {
        if (size == ids.length) {
            int capacity = 2 * size + 16;
            ids = Arrays.copyOf(ids, capacity);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
            words = Arrays.copyOf(words, capacity);
        }
        ids[size] = id;
        starts[size] = start;
        ends[size] = end;
        words[size++] = -1;
    }

    void add(int id, int start, int end, String spelling) {
        if (spelled == null) {
            spelled = new HashMap<>();
        }
        spelled.put(size, spelling);
        add(id, start, end);
    }

    /** Appends the tokens of a word, whose ranges are counted from {@code from}, with those in the text's original. */
    void addWord(TokenList word, NormalizedString text, int from) {
        for (int i = 0; i < word.size; i++) {
            int start = text.start(from + word.starts[i]);
            int end = text.end(from + word.ends[i]);
            String spelling = word.spelling(i);
            if (spelling == null) {
                add(word.ids[i], start, end);
            } else {
                add(word.ids[i], start, end, spelling);
            }
        }
    }

    /** Makes all tokens from the one at {@code from} those of a word. */
    void ofWord(int word, int from) {
        Arrays.fill(words, from, size, word);
    }

    /** Moves the range of a token. */
    void move(int token, int start, int end) {
        starts[token] = start;
        ends[token] = end;
    }

    /** Appends the tokens from {@code from} to {@code to} of {@code other}. */
    void addAll(TokenList other, int from, int to) {
        for (int i = from; i < to; i++) {
            String spelling = other.spelling(i);
            if (spelling == null) {
                add(other.ids[i], other.starts[i], other.ends[i]);
            } else {
                add(other.ids[i], other.starts[i], other.ends[i], spelling);
            }
            words[size - 1] = other.words[i];
        }
    }

    /** Leaves out all tokens from the one at {@code from} on. */
    void cut(int from) {
        size = from;
    }

    int size() {
        return size;
    }

    int id(int token) {
        return ids[token];
    }

    int start(int token) {
        return starts[token];
    }

    int end(int token) {
        return ends[token];
    }

    /** What a token stands for, null where that is what the vocabulary says. */
    @Nullable
    String spelling(int token) {
        return spelled == null ? null : spelled.get(token);
    }

    int largestId() {
        return Arrays.stream(ids, 0, size).max().orElse(-1);
    }

    int[] ids() {
        return Arrays.copyOf(ids, size);
    }

    int[] starts() {
        return Arrays.copyOf(starts, size);
    }

    int[] ends() {
        return Arrays.copyOf(ends, size);
    }

    int[] words() {
        return Arrays.copyOf(words, size);
    }
}
