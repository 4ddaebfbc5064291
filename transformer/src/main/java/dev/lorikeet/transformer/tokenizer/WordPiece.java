package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import it.unimi.dsi.fastutil.ints.IntOpenHashSet;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.util.Set;

/**
 * {@code WordPiece}: a word is cut from the left into the longest pieces that are in the vocabulary, pieces inside a
 * word being written with a prefix ({@code ##}). A word that cannot be cut so, or has too many characters, is one
 * unknown token (Schuster and Nakajima 2012; Devlin et al. 2018).
 */
final class WordPiece {
    /** The field that no other kind of model has. */
    private static final String WORD_LIMIT = "max_input_chars_per_word";
    private static final Set<String> FIELDS = Set.of("type", "unk_token", "continuing_subword_prefix",
            WORD_LIMIT, "vocab");
    private static final int ABSENT = -1;

    private final Object2IntOpenHashMap<String> vocabulary;
    private final String unknownToken;
    private final String prefix;
    private final int maxCharacters;
    private final int longest; // chars in the longest token

    private WordPiece(JsonObject model) {
        this.unknownToken = model.string("unk_token");
        this.prefix = model.string("continuing_subword_prefix");
        this.maxCharacters = model.integer(WORD_LIMIT);
        this.vocabulary = vocabulary(model.object("vocab"));
        this.longest = vocabulary.keySet().stream().mapToInt(String::length).max().orElse(0);
        if (!vocabulary.containsKey(unknownToken)) {
            throw model.error("unk_token", "\"" + unknownToken + "\" is not in the vocabulary");
        }
    }

    static WordPiece of(JsonObject model) {
        if (model.has("type") || !model.has(WORD_LIMIT)) { // older files leave the type to be told by the fields
            Tokenizer.requireType(model, "WordPiece");
        }
        model.allowOnly(FIELDS);
        return new WordPiece(model);
    }

    private static Object2IntOpenHashMap<String> vocabulary(JsonObject vocab) {
        Object2IntOpenHashMap<String> vocabulary = new Object2IntOpenHashMap<>(vocab.fields().size());
        vocabulary.defaultReturnValue(ABSENT);
        IntOpenHashSet ids = new IntOpenHashSet(vocab.fields().size());
        for (String token : vocab.fields().keySet()) {
            int id = vocab.integer(token);
            if (id < 0 || !ids.add(id)) {
                throw vocab.error(token, "id " + id + (id < 0 ? " is negative" : " is another token's too"));
            }
            vocabulary.put(token, id);
        }
        return vocabulary;
    }

    /** Token and id pairs. */
    Object2IntMap<String> vocabulary() {
        return vocabulary;
    }

    int largestId() {
        return vocabulary.values().intStream().max().orElse(ABSENT);
    }

    void tokenize(String word, TokenList tokens) {
        if (word.codePointCount(0, word.length()) > maxCharacters) {
            tokens.add(unknownToken, vocabulary.getInt(unknownToken));
            return;
        }
        TokenList pieces = new TokenList();
        for (int start = 0; start < word.length();) {
            int end = addLongestPiece(word, start, pieces);
            if (end == start) {
                tokens.add(unknownToken, vocabulary.getInt(unknownToken));
                return;
            }
            start = end;
        }
        tokens.addFirst(pieces, pieces.size());
    }

    /** Returns where the longest piece from {@code start} on ends, or {@code start} where there is none. */
    private int addLongestPiece(String word, int start, TokenList pieces) {
        for (int end = Math.min(word.length(), start + longest); end > start; end = word.offsetByCodePoints(end, -1)) {
            String piece = start == 0 ? word.substring(0, end) : prefix + word.substring(start, end);
            int id = vocabulary.getInt(piece);
            if (id != ABSENT) {
                pieces.add(piece, id);
                return end;
            }
        }
        return start;
    }
}
