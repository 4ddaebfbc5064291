package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer as its {@code tokenizer.json} describes it; so far those of BERT's kind: BertNormalizer,
 * BertPreTokenizer, WordPiece, and TemplateProcessing or BertProcessing.
 *
 * <p>Source: the {@code tokenizers} library by Hugging Face, with which the ids agree exactly. What the file says about
 * padding and truncation is ignored: sequences are never padded here, and the model knows its longest sequence.
 */
public final class Tokenizer {
    private static final Set<String> FIELDS = Set.of("version", "truncation", "padding", "added_tokens", "normalizer",
            "pre_tokenizer", "post_processor", "decoder", "model");

    private static final List<String> MASKS = List.of("[MASK]", "<mask>");

    private final Path file;
    private final BertNormalizer normalizer;
    private final WordPiece model;
    private final AddedTokens addedTokens;
    private final AddedTokens addedTokensNormalized;
    private final SpecialTokens specialTokens;
    private final @Nullable String[] tokens;
    private final BitSet special = new BitSet();

    private Tokenizer(JsonObject file) {
        file.allowOnly(FIELDS);
        this.file = file.source();
        this.model = WordPiece.of(file.object("model")); // first: it says best what kind of tokenizer this is
        this.normalizer = BertNormalizer.of(file.object("normalizer"));
        requireType(file.object("pre_tokenizer"), "BertPreTokenizer");
        this.addedTokens = AddedTokens.of(file, model, false, content -> content);
        this.addedTokensNormalized = AddedTokens.of(file, model, true, normalizer::normalize);
        this.specialTokens = SpecialTokens.of(file.object("post_processor"));
        this.tokens = new String[vocabularySize()];
        model.vocabulary().forEach((token, id) -> tokens[id] = token);
        specialTokens.ids().forEach(special::set);
        for (AddedTokens added : List.of(addedTokens, addedTokensNormalized)) {
            added.forEach((token, id, isSpecial) -> {
                tokens[id] = token;
                special.set(id, isSpecial || special.get(id));
            });
        }
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the file is missing or not valid, or has a component of
     *             another kind
     */
    public static Tokenizer load(Path tokenizerJson) {
        return new Tokenizer(JsonObject.read(tokenizerJson));
    }

    /**
     * The tokenizer of a Hugging Face directory: its {@code tokenizer.json}, or where it has none, BERT's with the
     * tokens of {@code vocab.txt} and the settings of {@code tokenizer_config.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException as {@link #load}
     */
    public static Tokenizer ofDirectory(Path directory) {
        Path whole = directory.resolve("tokenizer.json");
        return Files.exists(whole) || !Files.exists(directory.resolve("vocab.txt")) ? load(whole)
                : new Tokenizer(BertVocabulary.asTokenizer(directory));
    }

    /** The file that has its tokens. */
    public Path file() {
        return file;
    }

    /**
     * The ids of a text, with the special tokens around it ({@code [CLS] … [SEP]}). Any text is legal; the empty text
     * gives the special tokens alone.
     *
     * @param maxLength the most ids there may be, special tokens included; what is over is cut off the text's end
     * @throws IllegalArgumentException if {@code maxLength} is less than the number of special tokens
     */
    public Encoding encode(String text, int maxLength) {
        return specialTokens.around(List.of(tokens(text)), maxLength);
    }

    /**
     * The ids of two texts, with the special tokens around them ({@code [CLS] … [SEP] … [SEP]}).
     *
     * @param maxLength the most ids there may be, special tokens included; what is over is cut off the end of the
     *     longer text, and of both once they are equally long
     * @throws dev.lorikeet.transformer.io.InputException if the file does not say how two texts are read
     * @throws IllegalArgumentException if {@code maxLength} is less than the number of special tokens
     */
    public Encoding encode(String first, String second, int maxLength) {
        if (!specialTokens.pairs()) {
            throw new InputException(file, "post_processor", "does not say how a pair of texts is read");
        }
        return specialTokens.around(List.of(tokens(first), tokens(second)), maxLength);
    }

    /**
     * The ids of a text that is cut into words already, with the special tokens around it. Each word is read by itself,
     * as Hugging Face's library reads words ({@code is_split_into_words}, {@code is_pretokenized}), and
     * {@link Encoding#wordOf} says which word each token is of. Any words are legal: some give no token at all, such as
     * the empty one or control characters.
     *
     * @param maxLength the most ids there may be, special tokens included; what is over is cut off the last words' end
     * @throws IllegalArgumentException if {@code maxLength} is less than the number of special tokens
     */
    public Encoding encodeWords(List<String> words, int maxLength) {
        TokenList tokens = new TokenList();
        for (int word = 0; word < words.size(); word++) {
            int from = tokens.size();
            read(words.get(word), tokens);
            tokens.ofWord(word, from);
        }
        return specialTokens.around(List.of(tokens), maxLength);
    }

    private TokenList tokens(String text) {
        TokenList tokens = new TokenList();
        read(text, tokens);
        return tokens;
    }

    private void read(String text, TokenList tokens) {
        // Added tokens first, in the text as it is; the pieces between them are normalized one by one, and searched
        // again for the added tokens that are to be recognised in normalized text.
        addedTokens.split(text, tokens, piece -> addedTokensNormalized.split(normalizer.normalize(piece), tokens,
                normal -> BertPreTokenizer.split(normal, word -> model.tokenize(word, tokens))));
    }

    /** One more than the largest id: a model needs as many rows of embeddings, at least. */
    public int vocabularySize() {
        return 1 + IntStream.of(model.largestId(), addedTokens.largestId(), addedTokensNormalized.largestId(),
                specialTokens.largestId()).max().orElseThrow();
    }

    /** The token of an id, as the vocabulary has it; null where it has none. */
    public @Nullable String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    /** Whether an id is of a token that stands for no text, such as {@code [CLS]}. */
    public boolean isSpecial(int id) {
        return special.get(id);
    }

    /**
     * The id of {@code [MASK]} or {@code <mask>}.
     *
     * @throws InputException if there is no such token
     */
    public int maskId() {
        return special.stream().filter(id -> MASKS.contains(tokens[id])).findFirst().orElseThrow(
                () -> new InputException(file, "added_tokens", "has no " + String.join(" and no ", MASKS)
                        + ", which stands for what is to be told"));
    }

    /** Refuses a component of another type than the one that is implemented. */
    static void requireType(JsonObject component, String known) {
        String type = component.string("type");
        if (!type.equals(known)) {
            throw component.error("type", type + " is not supported, " + known + " is");
        }
    }
}
