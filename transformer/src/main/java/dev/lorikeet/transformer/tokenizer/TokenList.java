package dev.lorikeet.transformer.tokenizer;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.List;

/** Tokens of a text or of words, while they are being read. */
final class TokenList {
    final IntArrayList ids = new IntArrayList();
    final List<String> tokens = new ArrayList<>();
    /** Of each token the number of its word, -1 for those of none. */
    final IntArrayList words = new IntArrayList();

    void add(String token, int id) {
        ids.add(id);
        tokens.add(token);
        words.add(-1);
    }

    /** Makes all tokens from the one at {@code from} those of a word. */
    void ofWord(int word, int from) {
        for (int i = from; i < size(); i++) {
            words.set(i, word);
        }
    }

    /** Appends the first {@code count} tokens of {@code other}. */
    void addFirst(TokenList other, int count) {
        ids.addAll(other.ids.subList(0, count));
        tokens.addAll(other.tokens.subList(0, count));
        words.addAll(other.words.subList(0, count));
    }

    int size() {
        return ids.size();
    }
}
