package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.Set;

/**
 * {@code WordPiece}: a word is cut from the left into the longest pieces that are in the vocabulary, pieces inside a
 * word being written with a prefix ({@code ##}). A word that cannot be cut so, or has too many characters, is one
 * unknown token (Schuster and Nakajima 2012; Devlin et al. 2018).
 */
final class WordPiece implements TokenModel {
    private static final Set<String> FIELDS = Set.of("type", "unk_token", "continuing_subword_prefix",
            "max_input_chars_per_word", "vocab");

    private final Vocabulary vocabulary;
    private final int unknown;
    private final int maxCharacters;
    private final Trie trie;
    /** Where the pieces inside a word begin. */
    private final int inside;

    private WordPiece(JsonObject model) {
        model.allowOnly(FIELDS);
        String unknownToken = model.string("unk_token");
        String prefix = model.string("continuing_subword_prefix");
        this.maxCharacters = model.integer("max_input_chars_per_word");
        this.vocabulary = Vocabulary.of(model.object("vocab"));
        this.unknown = vocabulary.id(unknownToken);
        if (unknown == Vocabulary.ABSENT) {
            throw model.error("unk_token", "\"" + unknownToken + "\" is not in the vocabulary");
        }
        this.trie = new Trie(vocabulary.size());
        vocabulary.forEach(trie::put);
        this.inside = trie.node(prefix);
    }

    static WordPiece of(JsonObject model) {
        return new WordPiece(model);
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
    public void tokenize(String word, int from, int to, TokenList tokens) {
        int before = tokens.size();
        boolean whole = to - from <= maxCharacters || word.codePointCount(from, to) <= maxCharacters;
        for (int start = from; whole && start < to;) {
            int end = addLongestPiece(word, from, start, to, tokens);
            whole = end > start;
            start = end;
        }
        if (!whole) {
            tokens.cut(before);
            tokens.add(unknown, 0, to - from);
        }
    }

    /** Returns where the longest piece from {@code start} on ends, or {@code start} where there is none. */
    private int addLongestPiece(String word, int from, int start, int to, TokenList tokens) {
        int longest = start;
        int id = Trie.ABSENT;
        int node = start == from ? 0 : inside;
        for (int end = start; end < to && node != Trie.ABSENT;) {
            node = trie.child(node, word.charAt(end++));
            if (node != Trie.ABSENT && trie.value(node) != Trie.ABSENT) {
                id = trie.value(node);
                longest = end;
            }
        }
        if (id != Trie.ABSENT) {
            tokens.add(id, start - from, longest - from);
        }
        return longest;
    }
}
