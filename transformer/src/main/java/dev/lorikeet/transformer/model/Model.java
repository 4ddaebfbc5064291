package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.BuiltInModels;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.GgufNames;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a Hugging Face directory holds, of any architecture: the backbone, the tokenizer, where the files are, the hash
 * of the weights, and what computes. The head is made with the task that it is for.
 */
public final class Model {
    /** What files of pre-training hold beside a model whose head does without. */
    private static final String PRETRAINING = "(.*\\.)?pooler\\..*|cls\\.seq_relationship\\..*|sop_classifier\\..*";

    private final String id;
    private final ModelFiles files;
    private final JsonObject config;
    private final Architecture architecture;
    private final Backbone backbone;
    private final LoadOptions options;
    /** The names in the files of what the backbone was read from, by the names of its parameters. */
    private final Map<String, String> tensors;
    /** What the files looked like when they were read. */
    private final String stamp;
    private @Nullable Tokenizer tokenizer;
    private @Nullable ChatTemplate chatTemplate;
    private @Nullable SpecialTokensMap specialTokensMap;
    private @Nullable String hash;

    private Model(String id, ModelFiles files, Architecture architecture, LoadOptions options, TensorFile file) {
        this.id = id;
        this.files = files;
        this.config = files.config();
        this.architecture = architecture;
        this.options = options;
        this.stamp = KnownHashes.stamp(files.place());
        TensorReader reader = new TensorReader(file, options);
        HeadKind kind = kind();
        this.backbone = architecture.load(config, reader, kind);
        reader.requireAllTaken(architecture.besideTheBase() + (kind == null ? "" : "|" + PRETRAINING));
        this.tensors = reader.taken();
        options.apply(backbone);
        backbone.compute(options.compute());
    }

    /** As {@link #load(String, LoadOptions)}, in the form in which the files have it, on the processor. */
    public static Model load(String nameOrPath) {
        return load(nameOrPath, LoadOptions.STANDARD);
    }

    /**
     * Loads what {@link ModelName} says: one of {@link BuiltInModels}, or else a directory or a GGUF file, or else a
     * model of a hub that is in its cache.
     *
     * @throws InputException if there is none of them, or its files do not make a model
     */
    public static Model load(String nameOrPath, LoadOptions options) {
        Path path = ModelName.find(nameOrPath);
        return ModelName.isPath(nameOrPath) ? load(path, options)
                : load(path, BuiltInModels.isBuiltIn(nameOrPath) ? BuiltInModels.huggingFaceId(nameOrPath) : nameOrPath,
                        options);
    }

    /** As {@link #load(Path, LoadOptions)}, in the form in which the files have it, on the processor. */
    public static Model load(Path path) {
        return load(path, LoadOptions.STANDARD);
    }

    /**
     * Loads a Hugging Face directory: {@code config.json}, whose {@code model_type} decides what it is, and
     * {@code model.safetensors} whole or in shards; or a GGUF file, whose {@code general.architecture} decides.
     *
     * @throws InputException if a file is missing or wrong
     */
    public static Model load(Path path, LoadOptions options) {
        return load(path, path.toAbsolutePath().normalize().toString(), options);
    }

    private static Model load(Path path, String id, LoadOptions options) {
        if (Files.isRegularFile(path)) {
            try (GgufModel file = GgufModel.open(path)) {
                return load(id, new ModelFiles.Gguf(path, file.config()), options, file);
            }
        }
        return load(path, id, JsonObject.read(path.resolve("config.json")), options);
    }

    /** With another {@code config.json} than the directory's. */
    static Model load(Path directory, String id, JsonObject config, LoadOptions options) {
        ModelFiles files = new ModelFiles.Directory(directory, config);
        options.architectures().of(config); // before there need be weights
        try (TensorFile file = files.open()) {
            return load(id, files, options, file);
        }
    }

    private static Model load(String id, ModelFiles files, LoadOptions options, TensorFile file) {
        return new Model(id, files, options.architectures().of(files.config()), options, file);
    }

    /**
     * By which {@link #load(String)} finds this model again: the Hugging Face id of a built-in one, the name at a hub,
     * else the directory.
     */
    public String id() {
        return id;
    }

    public Architecture architecture() {
        return architecture;
    }

    /** From token ids to hidden states. Those who attach adapters to it or train it change this model. */
    public Backbone backbone() {
        return backbone;
    }

    /** What computes. */
    public Compute compute() {
        return options.compute();
    }

    /**
     * The tokenizer, of {@code tokenizer.json}, of an older vocabulary or of a GGUF file; read when it is first asked
     * for.
     *
     * @throws InputException if there is none, it is of a kind that is not supported, or it has more tokens than the
     *     model
     */
    public synchronized Tokenizer tokenizer() {
        Tokenizer known = tokenizer;
        if (known == null) {
            known = files.tokenizer();
            int entries = backbone.config().vocabularySize();
            if (known.vocabularySize() > entries) {
                throw new InputException(known.file(), "model.vocab", known.vocabularySize()
                        + " tokens, but config.json has a vocab_size of " + entries);
            }
            tokenizer = known;
        }
        return known;
    }

    /**
     * How the model reads a talk, of {@code tokenizer_config.json}, {@code chat_template.jinja} or a GGUF file; null
     * where the files do not say.
     *
     * @throws InputException if it is no template, or has what is not supported
     */
    public synchronized @Nullable ChatTemplate chatTemplate() {
        ChatTemplate known = chatTemplate;
        if (known == null) {
            known = files.chatTemplate();
            chatTemplate = known;
        }
        return known;
    }

    /** Tokens that have a part to play, such as the end of a text. */
    public synchronized SpecialTokensMap specialTokensMap() {
        SpecialTokensMap known = specialTokensMap;
        if (known == null) {
            known = files.specialTokensMap();
            specialTokensMap = known;
        }
        return known;
    }

    /**
     * {@code sha256:…} of the backbone's weights in the files, without a pooler's, by which an adapter knows its base
     * again. It goes over float32 values, so that it is one for every number format. Made when it is first asked for,
     * and remembered on disk by the sizes and times of the files.
     *
     * @throws InputException if the files are no longer those that were read
     */
    public synchronized String hash() {
        String known = hash;
        if (known == null) {
            if (!stamp.equals(KnownHashes.stamp(files.place()))) {
                throw new InputException(files.place(), "weights",
                        "have changed since the model was loaded, so that nobody can say which base it is");
            }
            known = KnownHashes.of(files.place(), tensors.values(), () -> {
                try (TensorFile file = files.open()) {
                    return WeightsHash.of(tensors, file);
                }
            });
            hash = known;
        }
        return known;
    }

    /**
     * {@code generation_config.json}; where there is none, {@code config.json}, which had its fields before.
     *
     * @throws InputException if it cannot be read
     */
    public JsonObject generationConfig() {
        return files.generationConfig();
    }

    /**
     * The token with which a decoder that has an encoder begins in training: {@code decoder_start_token_id} of {@code
     * config.json}, by which transformers shifts labels, whatever {@code generation_config.json} says of writing.
     *
     * @throws InputException if there is none, or it is none of the vocabulary
     */
    public int decoderStart() {
        int vocabulary = backbone().config().vocabularySize();
        if (!(config.fields().get("decoder_start_token_id") instanceof Integer id) || id < 0 || id >= vocabulary) {
            throw config.error("decoder_start_token_id", "one of the " + vocabulary
                    + " tokens is expected, with which the decoder begins");
        }
        return id;
    }

    /**
     * The ids of the tokens that end a text, whatever {@code eos_token_id} says: of a Hugging Face directory the one
     * that the tokenizer's files name, of a GGUF file those that llama.cpp knows by their names.
     *
     * @param tokenizer the model's
     * @throws InputException if they cannot be read
     */
    public List<Integer> endTokens(Tokenizer tokenizer) {
        return files.endTokens(tokenizer);
    }

    /**
     * The token that ends a text: as the tokenizer's files name it, else the {@code eos_token_id} of {@code
     * generation_config.json} or {@code config.json}; null where none of them says one.
     *
     * @throws InputException if they cannot be read
     */
    public @Nullable String endToken() {
        String named = specialTokensMap().end();
        return named == null && generationConfig().fields().get("eos_token_id") instanceof Integer id && id >= 0
                ? tokenizer().token(id)
                : named;
    }

    /** The name of Hugging Face's class in {@code config.json}; null where there is none or no single one. */
    private @Nullable String className() {
        return config.fields().get("architectures") instanceof List<?> names && names.size() == 1
                && names.getFirst() instanceof String name ? name : null;
    }

    private @Nullable HeadKind kind() {
        String name = className();
        return name == null ? null : architecture.head(name);
    }

    /** Whether the files are those of one of Hugging Face's classes that have a head. */
    public boolean hasHead() {
        return kind() != null;
    }

    /** Whether the files are those of one of Hugging Face's classes without a head, such as {@code BertModel}. */
    public boolean isHeadless() {
        String name = className();
        return name != null && name.matches("[A-Za-z0-9]+(?<!Head)Model");
    }

    /**
     * What {@code config.json} says that the outputs of a classifier or a regression mean.
     *
     * @throws InputException if fields contradict one another
     */
    public Outputs outputs() {
        return Outputs.read(config);
    }

    /**
     * The head in the files.
     *
     * @throws InputException if {@code config.json} names no class with a head, or the files do not make it
     */
    public Head head() {
        HeadKind kind = kind();
        String name = className();
        if (kind == null || name == null) {
            throw config.error("architectures", name == null
                    ? "one name is expected, not " + Shown.value(config.list("architectures"))
                    : "\"" + name + "\" is not one of " + architecture.heads().keySet().stream()
                            .map(architecture::className).sorted().collect(Collectors.joining(", ")));
        }
        try (TensorFile file = files.open()) {
            TensorReader reader = new TensorReader(file, options, tensors.values());
            Head head = kind.maker().apply(new Head.Source(architecture, name, config, backbone, null, reader, 0));
            reader.requireAllTaken(architecture.buffers() + "|" + PRETRAINING);
            return head;
        }
    }

    /**
     * A new head of one of Hugging Face's classes.
     *
     * @param ending of the class's name, for example {@code ForSequenceClassification}
     * @param outputs of a head that has outputs of its own, else null
     * @param seed of its weights
     * @throws InputException if the architecture has no such class, its head is not made new, or needs a pooler that
     *     the files lack
     */
    public Head newHead(String ending, @Nullable Outputs outputs, long seed) {
        HeadKind kind = architecture.heads().get(ending);
        String name = architecture.className(ending);
        if (kind == null) {
            throw config.error("model_type", "\"" + architecture.modelType() + "\" has no " + name);
        }
        if (kind.pooler() == Pooler.REQUIRED && !backbone.hasPooler()) {
            throw config.error("architectures", name + " reads a pooler, and the files have none");
        }
        return kind.maker().apply(new Head.Source(architecture, name, config, backbone, outputs, null, seed));
    }

    /**
     * Writes a Hugging Face directory that {@link #load(Path)} reads back with the same bits: the weights in one file
     * and in float32, the fields of the source's {@code config.json}, and the source's tokenizer files, or the
     * vocabulary inside of a GGUF file as {@code tokenizer.json}. Absolute paths are left out.
     *
     * @param whole the backbone, or what holds it with a head
     * @param head of Hugging Face's, that goes with it; or null
     * @throws InputException if a weight is not finite, or a file cannot be read or written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public void write(Module whole, @Nullable Head head, Path to) {
        String name = head == null ? architecture.className("Model") : Objects.requireNonNull(head.className());
        Map<String, Object> changes = new LinkedHashMap<>(head == null ? Map.of() : head.changes());
        changes.put("architectures", List.of(name));
        ModelDirectory.write(whole, head == null ? Map.of() : head.repeated(), files, changes, to);
    }

    /**
     * Writes a GGUF file that {@link #load(Path)} reads back: the weights in {@code dtype}, vectors in float32, and
     * all else that the source says, its vocabulary and its chat template among it.
     *
     * @param whole the backbone, or what holds it with a language model's head
     * @param dtype F32, F16, BF16 or Q8_0
     * @throws InputException if such files have no place for a tensor, a field of {@code config.json} or a part of the
     *     tokenizer, or a number is not finite or too large for {@code dtype}
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public void writeGguf(Module whole, DType dtype, Path to) {
        switch (files) {
            case ModelFiles.Gguf gguf -> GgufOutput.write(whole, gguf, ggufNames(), dtype, to);
            case ModelFiles.Directory directory ->
                GgufOutput.write(whole, directory, backbone.config(), ggufNames(), dtype, to);
        }
    }

    /**
     * How the tokens of a text become one vector, as {@code pooling_type} of a GGUF file or sentence-transformers' own
     * {@code 1_Pooling/config.json} says; null where the files do not say it.
     *
     * @throws dev.lorikeet.transformer.io.InputException if they say a way that is not there
     */
    public EmbeddingHead.@Nullable Pooling pooling() {
        return files.pooling();
    }

    /** Why there are no GGUF files of its architecture, as a person reads it; null where there are. */
    public @Nullable String ggufObstacle() {
        return GgufNames.obstacle(config);
    }

    /**
     * How tensors of this model are called in GGUF files.
     *
     * @throws InputException if there are no GGUF files of its architecture
     */
    public GgufNames ggufNames() {
        return new GgufNames(config, architecture.prefix(), architecture.tiesHead(config));
    }
}
