package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufMetadata;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer as its {@code tokenizer.json} describes it: added tokens, a normalizer, a pre-tokenizer, a model
 * ({@code BPE}, {@code Unigram} or {@code WordPiece}), a post-processor and a decoder.
 *
 * <p>Source: the {@code tokenizers} library by Hugging Face, with which ids and ranges agree exactly; its classes of
 * transformers, some of which change what the file says, are not asked. What the file says about padding and truncation
 * is ignored: sequences are never padded here, and the model knows its longest sequence.
 */
public final class Tokenizer {
    private static final char REPLACEMENT = '\uFFFD';
    /** A token that every decoder writes as it is, so that the next one is not at the beginning. */
    private static final String ANCHOR = "a";
    private static final Set<String> FIELDS = Set.of("version", "truncation", "padding", "added_tokens", "normalizer",
            "pre_tokenizer", "post_processor", "decoder", "model");

    private static final List<String> MASKS = List.of("[MASK]", "<mask>");

    private final Path file;
    private final Normalizer normalizer;
    private final PreTokenizer preTokenizer;
    private final TokenModel model;
    private final WordCache words;
    private final AddedTokens addedTokens;
    private final AddedTokens addedTokensNormalized;
    private final PostProcessor postProcessor;
    private final Decoder decoder;
    private final int mask;

    private Tokenizer(JsonObject file) {
        file.allowOnly(FIELDS);
        this.file = file.source();
        boolean bytes = file.has("pre_tokenizer") && PreTokenizer.endsInBytes(file.object("pre_tokenizer"));
        this.model = TokenModel.of(file.object("model"), bytes); // first: it says best what kind of tokenizer this is
        this.words = new WordCache(model);
        this.normalizer = file.has("normalizer") ? Normalizer.of(file.object("normalizer")) : text -> text;
        PreTokenizer named = file.has("pre_tokenizer")
                ? PreTokenizer.of(file.object("pre_tokenizer"), bytes && model instanceof Bpe)
                : new PreTokenizer.Whole();
        this.preTokenizer = model instanceof Bpe bpe && bpe.hasSeams()
                ? new PreTokenizer.Chain(named, Seams.of(bpe))
                : named;
        this.addedTokens = AddedTokens.of(file, model.vocabulary(), false, normalizer);
        this.addedTokensNormalized = AddedTokens.of(file, model.vocabulary(), true, normalizer);
        this.postProcessor = file.has("post_processor") ? PostProcessor.of(file.object("post_processor"))
                : PostProcessor.NONE;
        this.decoder = file.has("decoder") ? Decoder.of(file.object("decoder")) : Decoder::spaced;
        this.mask = MASKS.stream().mapToInt(this::id).filter(id -> id != Vocabulary.ABSENT).findFirst()
                .orElse(Vocabulary.ABSENT);
    }

    private Tokenizer(Tokenizer other, PostProcessor postProcessor) {
        this.file = other.file;
        this.normalizer = other.normalizer;
        this.preTokenizer = other.preTokenizer;
        this.model = other.model;
        this.words = other.words;
        this.addedTokens = other.addedTokens;
        this.addedTokensNormalized = other.addedTokensNormalized;
        this.postProcessor = postProcessor;
        this.decoder = other.decoder;
        this.mask = other.mask;
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
     * The tokenizer of a Hugging Face directory: its {@code tokenizer.json}, or where it has none, GPT-2's or RoBERTa's
     * with {@code vocab.json} and {@code merges.txt}, BERT's with the tokens of {@code vocab.txt}, or a vocabulary of
     * SentencePiece's, and the settings of {@code tokenizer_config.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException as {@link #load}
     */
    public static Tokenizer ofDirectory(Path directory) {
        return new Tokenizer(json(directory));
    }

    private static JsonObject json(Path directory) {
        Path whole = directory.resolve("tokenizer.json");
        if (Files.exists(whole)) {
            return JsonObject.read(whole);
        }
        Optional<Path> pieces = SentencePieceVocabulary.in(directory);
        if (pieces.isPresent()) {
            return SentencePieceVocabulary.asTokenizer(pieces.get());
        }
        return Gpt2Vocabulary.isIn(directory) ? Gpt2Vocabulary.asTokenizer(directory)
                : Files.exists(directory.resolve("vocab.txt")) ? BertVocabulary.asTokenizer(directory)
                        : JsonObject.read(whole);
    }

    /**
     * The tokenizer of the vocabulary inside of a GGUF file.
     *
     * @param metadata of the file, which is open
     * @throws dev.lorikeet.transformer.io.InputException if it has none, or one of another kind
     */
    public static Tokenizer of(GgufMetadata metadata) {
        return new Tokenizer(GgufVocabulary.asTokenizer(metadata));
    }

    /**
     * Writes the {@code tokenizer.json} of the vocabulary inside of a GGUF file, which {@link #load} reads as the same
     * tokenizer; nothing where there is none.
     *
     * @param metadata of the file, which is open
     * @return whether there is one
     * @throws dev.lorikeet.transformer.io.InputException if it is one of another kind, or the file cannot be written
     */
    public static boolean write(GgufMetadata metadata, Path tokenizerJson) {
        boolean present = GgufVocabulary.isIn(metadata);
        if (present) {
            AtomicFile.write(tokenizerJson, Json.write(GgufVocabulary.sorted(
                    GgufVocabulary.asTokenizer(metadata).fields())));
        }
        return present;
    }

    /**
     * Puts the tokenizer of a Hugging Face directory into a GGUF file, from which {@link #of} reads one with the same
     * ids of the same texts: its tokens, merges or scores, and which of them have a part to play.
     *
     * @param config the directory's {@code config.json}, for what the tokenizer's files leave out
     * @param rows of the model's table of tokens; those of no token get names of their own
     * @throws dev.lorikeet.transformer.io.InputException if such files have no place for a part of it, or those of the
     *     directory are missing or wrong
     */
    public static void write(Path directory, JsonObject config, int rows, GgufWriter writer) {
        JsonObject json = json(directory);
        new Tokenizer(json); // refuses what is wrong in itself
        new GgufVocabularyWriter(json, SpecialTokensMap.ofDirectory(directory), config, rows).write(writer);
    }

    /** The same that puts no special tokens around texts; those in the texts are read none the less. */
    public Tokenizer withoutSpecialTokens() {
        return new Tokenizer(this, postProcessor.withoutSpecialTokens());
    }

    /** The id of a token that a text of its name alone is; null where it is none. */
    public @Nullable Integer idOf(String name) {
        int[] ids = withoutSpecialTokens().encode(name, Integer.MAX_VALUE).ids();
        return ids.length == 1 && name.equals(token(ids[0])) ? ids[0] : null;
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
        return encode(List.of(tokens(text)), Truncation.to(maxLength), false).getFirst();
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
        return encode(List.of(tokens(first), tokens(second)), Truncation.to(maxLength), false).getFirst();
    }

    /**
     * The ids of a text, or of two, in parts of which each has its special tokens: what is kept, then what did not fit.
     *
     * @param second null for one text
     * @throws dev.lorikeet.transformer.io.InputException if the file does not say how two texts are read
     * @throws IllegalArgumentException if the texts cannot be cut as {@code truncation} says
     */
    public List<Encoding> encodeParts(String first, @Nullable String second, Truncation truncation) {
        return encode(second == null ? List.of(tokens(first)) : List.of(tokens(first), tokens(second)), truncation,
                true);
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
        return encode(List.of(tokens), Truncation.to(maxLength), false).getFirst();
    }

    private List<Encoding> encode(List<TokenList> texts, Truncation truncation, boolean parts) {
        if (texts.size() == 2 && !postProcessor.pairs()) {
            throw new InputException(file, "post_processor", "does not say how a pair of texts is read");
        }
        return postProcessor.around(texts, truncation, parts, this::name);
    }

    private TokenList tokens(String text) {
        TokenList tokens = new TokenList(text.length() / 3 + 16);
        read(text, tokens);
        return tokens;
    }

    private void read(String text, TokenList tokens) {
        // Added tokens first, in the text as it is; the pieces between them are normalized one by one, and searched
        // again for the added tokens that are to be recognised in normalized text.
        addedTokens.split(NormalizedString.of(text), tokens,
                piece -> addedTokensNormalized.split(normalizer.normalize(piece), tokens,
                        normal -> preTokenizer.split(normal, 0, normal.length(),
                                (word, from, to) -> words.tokenize(word, from, to, tokens))));
    }

    private String name(TokenList tokens, int token) {
        String spelling = tokens.spelling(token);
        return spelling != null ? spelling : Objects.requireNonNull(token(tokens.id(token)));
    }

    /** What a token is called: an added one as it is found in normalized text, others as the vocabulary has them. */
    public @Nullable String token(int id) {
        String added = addedTokens.pattern(id);
        String normalized = added == null ? addedTokensNormalized.pattern(id) : added;
        return normalized == null ? model.vocabulary().token(id) : normalized;
    }

    /** Whether an id is that of a special token, which stands for nothing in a text. */
    public boolean isSpecial(int id) {
        return addedTokens.isSpecial(id) || addedTokensNormalized.isSpecial(id);
    }

    /**
     * The id of {@code [MASK]} or {@code <mask>}.
     *
     * @throws InputException if there is no such token
     */
    public int maskId() {
        if (mask == Vocabulary.ABSENT) {
            throw new InputException(file, "added_tokens", "has no " + String.join(" and no ", MASKS)
                    + ", which stands for what is to be told");
        }
        return mask;
    }

    /** The id of {@code [UNK]} or {@code <unk>}, which stands for what is no token; -1 where there is none. */
    public int unknownId() {
        return model.unknown();
    }

    private int id(String token) {
        int added = Math.max(addedTokens.id(token), addedTokensNormalized.id(token));
        return added == Vocabulary.ABSENT ? model.vocabulary().id(token) : added;
    }

    /**
     * The text of tokens. Ids of no token are left out; bytes that are no UTF-8 give U+FFFD.
     *
     * @param skipSpecialTokens whether special tokens are left out, wherever they stand
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        List<String> tokens = IntStream.of(ids).filter(id -> !skipSpecialTokens || !isSpecial(id))
                .mapToObj(this::token).filter(Objects::nonNull).toList();
        return String.join("", decoder.decode(tokens));
    }

    /**
     * Text of ids that come one by one, as a model generates them.
     *
     * @param skipSpecialTokens whether special tokens are left out
     */
    public TextStream stream(boolean skipSpecialTokens) {
        return new TextStream(this, skipSpecialTokens);
    }

    /**
     * The bytes that a token adds to a text, behind others: of a token that is a part of a character, that part; of an
     * id of no token, none.
     */
    public byte[] bytes(int id) {
        String token = token(id);
        if (token == null) {
            return new byte[0];
        }
        String anchor = String.join("", decoder.decode(List.of(ANCHOR)));
        String text = String.join("", decoder.decode(List.of(ANCHOR, token)));
        byte[] part = text.indexOf(REPLACEMENT) >= 0 ? Decoder.part(token) : null;
        return part == null ? text.substring(anchor.length()).getBytes(StandardCharsets.UTF_8) : part;
    }

    /** One more than the largest id: a model needs as many rows of embeddings, at least. */
    public int vocabularySize() {
        return 1 + IntStream.of(model.vocabulary().largestId(), addedTokens.largestId(),
                addedTokensNormalized.largestId(), postProcessor.largestId()).max().orElseThrow();
    }
}
