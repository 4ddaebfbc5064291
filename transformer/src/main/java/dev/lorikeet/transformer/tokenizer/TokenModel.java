package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;

/** What cuts a word into tokens. */
sealed interface TokenModel permits Bpe, Unigram, WordPiece {

    Vocabulary vocabulary();

    /** The token of what is none; {@link Vocabulary#ABSENT} where there is no such token. */
    int unknown();

    /**
     * Cuts a word, the chars of {@code text} from {@code from} to {@code to}, which are some.
     *
     * @param tokens gets the tokens, their ranges counted from {@code from}
     */
    void tokenize(String text, int from, int to, TokenList tokens);

    /**
     * The model of a file.
     *
     * @param bytes whether the tokens spell the bytes of words, as {@code ByteLevel} writes them
     */
    static TokenModel of(JsonObject model, boolean bytes) {
        return switch (kind(model)) {
            case "BPE" -> Bpe.of(model, bytes);
            case "Unigram" -> Unigram.of(model);
            case "WordPiece" -> WordPiece.of(model);
            default -> throw model.error("type",
                    kind(model) + " is not supported, BPE, Unigram and WordPiece are");
        };
    }

    /** {@code type}, which older files leave to be told by the fields. */
    static String kind(JsonObject model) {
        if (model.has("type")) {
            return model.string("type");
        }
        return model.has("merges") ? "BPE"
                : model.has("max_input_chars_per_word") ? "WordPiece"
                        : model.has("unk_id") ? "Unigram" : model.string("type");
    }
}
