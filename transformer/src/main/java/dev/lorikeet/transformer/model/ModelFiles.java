package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.hub.HubFiles;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The files that a model is read from, as Hugging Face's. */
sealed interface ModelFiles {
    /** The directory or the file. */
    Path place();

    /** {@code config.json}. */
    JsonObject config();

    /** The weights; to be closed. */
    TensorFile open();

    /** @throws dev.lorikeet.transformer.io.InputException if there is none, or of a kind that is not supported */
    Tokenizer tokenizer();

    /** {@code generation_config.json}, or where there is none {@code config.json}. */
    JsonObject generationConfig();

    /** The names of the tokens with which texts end. */
    List<String> endTokens();

    /**
     * Writes what stands beside the weights and {@code config.json} where the model is written anew.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it cannot be read or written
     */
    void writeBeside(Path directory);

    /** A Hugging Face directory. */
    record Directory(Path place, JsonObject config) implements ModelFiles {
        @Override
        public TensorFile open() {
            return Safetensors.openDirectory(place);
        }

        @Override
        public Tokenizer tokenizer() {
            return Tokenizer.ofDirectory(place);
        }

        @Override
        public JsonObject generationConfig() {
            Path own = place.resolve("generation_config.json");
            return Files.exists(own) ? JsonObject.read(own) : config;
        }

        /** An object has the text, where it is not the text itself. */
        @Override
        public List<String> endTokens() {
            Path own = place.resolve("tokenizer_config.json");
            if (!Files.exists(own)) {
                return List.of();
            }
            JsonObject json = JsonObject.read(own);
            return !json.has("eos_token") ? List.of()
                    : List.of(json.fields().get("eos_token") instanceof Map<?, ?>
                            ? json.object("eos_token").string("content")
                            : json.string("eos_token"));
        }

        @Override
        public void writeBeside(Path directory) {
            HubFiles.BESIDE_WEIGHTS.forEach(name -> ModelDirectory.copy(place.resolve(name), directory.resolve(name)));
        }
    }

    /** A GGUF file, or the first of several. */
    record Gguf(Path place, JsonObject config) implements ModelFiles {
        @Override
        public TensorFile open() {
            return GgufModel.open(place);
        }

        @Override
        public Tokenizer tokenizer() {
            try (GgufModel file = GgufModel.open(place)) {
                return Tokenizer.of(file.values());
            }
        }

        @Override
        public JsonObject generationConfig() {
            return config;
        }

        /** Such files name one; that of a turn, which many chat models have beside it, llama.cpp knows by its name. */
        @Override
        public List<String> endTokens() {
            return List.of("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>",
                    "<end_of_turn>", "<|end_of_turn|>", "<EOT>", "_<EOT>");
        }

        @Override
        public void writeBeside(Path directory) {
            try (GgufModel file = GgufModel.open(place)) {
                Tokenizer.write(file.values(), directory.resolve("tokenizer.json"));
            }
        }
    }
}
