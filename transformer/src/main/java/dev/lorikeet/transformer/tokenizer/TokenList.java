package dev.lorikeet.transformer.tokenizer;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.List;

/** Tokens of a text, while it is being read. */
final class TokenList {
    final IntArrayList ids = new IntArrayList();
    final List<String> tokens = new ArrayList<>();

    void add(String token, int id) {
        ids.add(id);
        tokens.add(token);
    }

    /** Appends the first {@code count} tokens of {@code other}. */
    void addFirst(TokenList other, int count) {
        ids.addAll(other.ids.subList(0, count));
        tokens.addAll(other.tokens.subList(0, count));
    }

    int size() {
        return ids.size();
    }
}
