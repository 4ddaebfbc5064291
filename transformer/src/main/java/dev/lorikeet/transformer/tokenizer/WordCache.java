package dev.lorikeet.transformer.tokenizer;

import org.jspecify.annotations.Nullable;

/**
 * A model that remembers the tokens of the words it has cut, since few words make up most of a text. A word's place
 * follows from its hash, and the last one that came there stays.
 *
 * <p>Several threads may race for a place: what they write is immutable, and the same whoever wins.
 */
final class WordCache {
    private static final int PLACES = 1 << 15;
    private static final int LONGEST = 128; // chars; longer words hardly come twice

    private final TokenModel model;
    private final @Nullable Entry[] entries = new Entry[PLACES];

    /** The tokens of a word, which are not changed any more. */
    private record Entry(int hash, String word, TokenList tokens) {}

    WordCache(TokenModel model) {
        this.model = model;
    }

    /** Appends the tokens of a word of {@code text}, with their ranges in its original. */
    void tokenize(NormalizedString text, int from, int to, TokenList tokens) {
        TokenList cut = to - from > LONGEST ? cut(text.text(), from, to) : remembered(text.text(), from, to);
        tokens.addWord(cut, text, from);
    }

    private TokenList remembered(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int place = (hash ^ hash >>> 15) & PLACES - 1;
        Entry entry = entries[place];
        if (entry != null && entry.hash == hash && entry.word.length() == to - from
                && text.startsWith(entry.word, from)) {
            return entry.tokens;
        }
        TokenList tokens = cut(text, from, to);
        entries[place] = new Entry(hash, text.substring(from, to), tokens);
        return tokens;
    }

    private TokenList cut(String text, int from, int to) {
        TokenList tokens = new TokenList(4);
        model.tokenize(text, from, to, tokens);
        return tokens;
    }
}
