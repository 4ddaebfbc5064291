package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.hub.HubFiles;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.tokenizer.SpecialTokensMap;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * The ids of the tokens that end a text, whatever {@code eos_token_id} says.
     *
     * @param tokenizer the model's
     */
    List<Integer> endTokens(Tokenizer tokenizer);

    private static List<Integer> known(List<String> names, Tokenizer tokenizer) {
        List<Integer> ids = new ArrayList<>();
        for (String name : names) {
            Integer id = tokenizer.idOf(name);
            if (id != null) {
                ids.add(id);
            }
        }
        return ids;
    }

    /** Null where there is none. */
    @Nullable
    ChatTemplate chatTemplate();

    SpecialTokensMap specialTokensMap();

    /** How the tokens of a text become one vector; null where nothing is said. */
    @Nullable
    Pooling pooling();

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

        @Override
        public List<Integer> endTokens(Tokenizer tokenizer) {
            String end = specialTokensMap().end();
            return end == null ? List.of() : known(List.of(end), tokenizer);
        }

        @Override
        public @Nullable ChatTemplate chatTemplate() {
            return ChatTemplate.ofDirectory(place);
        }

        @Override
        public SpecialTokensMap specialTokensMap() {
            return SpecialTokensMap.ofDirectory(place);
        }

        @Override
        public @Nullable Pooling pooling() {
            return PoolingFile.read(place);
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
            try (GgufFile file = GgufFile.open(place)) {
                return Tokenizer.of(file.values());
            }
        }

        @Override
        public JsonObject generationConfig() {
            return config;
        }

        /** Such files name one; that of a turn, which many chat models have beside it, llama.cpp knows by its name. */
        @Override
        public List<Integer> endTokens(Tokenizer tokenizer) {
            return known(
                    List.of("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>",
                            "<end_of_turn>", "<|end_of_turn|>", "<EOT>", "_<EOT>"),
                    tokenizer);
        }

        @Override
        public @Nullable ChatTemplate chatTemplate() {
            try (GgufModel file = GgufModel.open(place)) {
                return ChatTemplate.of(file.values());
            }
        }

        @Override
        public SpecialTokensMap specialTokensMap() {
            try (GgufModel file = GgufModel.open(place)) {
                return SpecialTokensMap.of(file.values());
            }
        }

        @Override
        public @Nullable Pooling pooling() {
            try (GgufModel file = GgufModel.open(place)) {
                return switch (file.pooling()) {
                    case GgufModel.MEAN -> Pooling.MEAN;
                    case GgufModel.FIRST_TOKEN -> Pooling.CLS;
                    case GgufModel.LAST_TOKEN -> Pooling.LAST_TOKEN;
                    default -> null;
                };
            }
        }

        @Override
        public void writeBeside(Path directory) {
            try (GgufModel file = GgufModel.open(place)) {
                if (Tokenizer.write(file.values(), directory.resolve("tokenizer.json"))) {
                    GgufTokenizerFiles.write(this, directory);
                }
            }
        }
    }
}
