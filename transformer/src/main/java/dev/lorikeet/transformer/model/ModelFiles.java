package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.hub.HubFiles;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;

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
        public void writeBeside(Path directory) {
            try (GgufModel file = GgufModel.open(place)) {
                Tokenizer.write(file.values(), directory.resolve("tokenizer.json"));
            }
        }
    }
}
