package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.JsonObject;
import java.nio.file.Path;

/**
 * What {@code config.json} says about a BERT (Devlin et al. 2018), under Hugging Face's names.
 *
 * @param paddingIndex {@code pad_token_id}: the row of the word embeddings that gets no gradient
 * @param labels the outputs of a classification head: {@code id2label}, or 2 where there is none
 */
public record BertConfig(int vocabularySize, int hiddenSize, int layers, int heads, int intermediateSize,
        int maxPositions, int typeVocabularySize, float layerNormEps, int paddingIndex, int labels) {

    /**
     * Reads {@code config.json}.
     *
     * @throws dev.lorikeet.transformer.InputException if a field is missing or wrong, or asks for mathematics that is
     *     not BERT's
     */
    public static BertConfig read(Path file) {
        JsonObject json = JsonObject.read(file);
        require(json, "model_type", "bert");
        require(json, "hidden_act", "gelu");
        require(json, "position_embedding_type", "absolute");
        refuse(json, "is_decoder");
        refuse(json, "add_cross_attention");
        int labels = json.has("id2label") ? json.object("id2label").fields().size()
                : json.has("num_labels") ? positive(json, "num_labels") : 2;
        BertConfig config = new BertConfig(positive(json, "vocab_size"), positive(json, "hidden_size"),
                positive(json, "num_hidden_layers"), positive(json, "num_attention_heads"),
                positive(json, "intermediate_size"), positive(json, "max_position_embeddings"),
                positive(json, "type_vocab_size"), (float) json.number("layer_norm_eps", 1e-12),
                json.integer("pad_token_id", 0), labels);
        if (config.hiddenSize % config.heads != 0) {
            throw json.error("num_attention_heads",
                    config.heads + " does not divide hidden_size " + config.hiddenSize);
        }
        if (!(config.layerNormEps >= 0 && config.layerNormEps < Float.POSITIVE_INFINITY)) {
            throw json.error("layer_norm_eps", "must be at least 0, not " + config.layerNormEps);
        }
        if (config.paddingIndex < 0 || config.paddingIndex >= config.vocabularySize) {
            throw json.error("pad_token_id",
                    "must be in [0, " + config.vocabularySize + "), not " + config.paddingIndex);
        }
        return config;
    }

    private static void require(JsonObject json, String field, String value) {
        String found = json.string(field, value);
        if (!found.equals(value)) {
            throw json.error(field, "\"" + value + "\" is expected, not \"" + found + "\"");
        }
    }

    private static void refuse(JsonObject json, String field) {
        if (json.flag(field, false)) {
            throw json.error(field, "only encoders are supported, so it cannot be true");
        }
    }

    private static int positive(JsonObject json, String field) {
        int value = json.integer(field);
        if (value < 1) {
            throw json.error(field, "must be at least 1, not " + value);
        }
        return value;
    }
}
