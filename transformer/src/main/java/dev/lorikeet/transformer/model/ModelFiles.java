package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.hub.HubFiles;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.List;

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

    /** The files to copy where the model is written anew; some may not be there. */
    List<Path> beside();

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
        public List<Path> beside() {
            return HubFiles.BESIDE_WEIGHTS.stream().map(place::resolve).toList();
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
        public List<Path> beside() {
            return List.of();
        }
    }
}
