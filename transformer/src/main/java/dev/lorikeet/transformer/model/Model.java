package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.BuiltInModels;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pretrained encoder with its tokenizer, as a Hugging Face directory holds them. */
public final class Model {
    private final String id;
    private final BertModel encoder;
    private final Tokenizer tokenizer;
    private final String weightsHash;

    private Model(String id, BertModel encoder, Tokenizer tokenizer) {
        this.id = id;
        this.encoder = encoder;
        this.tokenizer = tokenizer;
        this.weightsHash = encoder.weightsHash();
    }

    /** As {@link #load(String, LoadOptions)}, in float32. */
    public static Model load(String nameOrDirectory) {
        return load(nameOrDirectory, LoadOptions.STANDARD);
    }

    /**
     * Loads one of {@link BuiltInModels} by its name or Hugging Face id, or else a directory.
     *
     * @throws InputException if there is neither, or its files do not make a model
     */
    public static Model load(String nameOrDirectory, LoadOptions options) {
        if (BuiltInModels.isBuiltIn(nameOrDirectory)) {
            return load(BuiltInModels.directory(nameOrDirectory), BuiltInModels.huggingFaceId(nameOrDirectory),
                    options);
        }
        Path directory = FileNames.of(nameOrDirectory, "model");
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, "model",
                    "there is no such directory, and no built-in model of this name, there are "
                            + String.join(", ", BuiltInModels.names()));
        }
        return load(directory, options);
    }

    /** As {@link #load(Path, LoadOptions)}, in float32. */
    public static Model load(Path directory) {
        return load(directory, LoadOptions.STANDARD);
    }

    /**
     * Loads a Hugging Face directory: {@code config.json}, {@code model.safetensors} whole or in shards, and
     * {@code tokenizer.json} or BERT's {@code vocab.txt}.
     *
     * @throws InputException if a file is missing or wrong
     */
    public static Model load(Path directory, LoadOptions options) {
        return load(directory, directory.toAbsolutePath().normalize().toString(), options);
    }

    private static Model load(Path directory, String id, LoadOptions options) {
        JsonObject json = JsonObject.read(directory.resolve("config.json"));
        BertConfig config = BertConfig.read(json, "bert", 0);
        Tokenizer tokenizer = Tokenizer.ofDirectory(directory);
        if (tokenizer.vocabularySize() > config.vocabularySize()) {
            throw new InputException(tokenizer.file(), "model.vocab", tokenizer.vocabularySize()
                    + " tokens, but config.json has a vocab_size of " + config.vocabularySize());
        }
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            return new Model(id, (BertModel) Backbone.load(json, weights, options), tokenizer);
        }
    }

    /**
     * By which {@link #load(String)} finds this model again: the Hugging Face id of a built-in one, else the directory.
     */
    public String id() {
        return id;
    }

    public BertModel encoder() {
        return encoder;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public BertConfig config() {
        return encoder.config();
    }

    /** {@code sha256:…} of the encoder's weights as they were loaded, without the pooler's. */
    public String weightsHash() {
        return weightsHash;
    }
}
