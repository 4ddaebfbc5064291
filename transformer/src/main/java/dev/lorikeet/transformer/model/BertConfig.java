package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;

/**
 * What {@code config.json} says about a BERT (Devlin et al. 2018) or a RoBERTa (Liu et al. 2019), which has the same
 * fields, under Hugging Face's names.
 *
 * @param maxPositions {@code max_position_embeddings}: the rows of that table
 * @param activation {@code hidden_act}
 * @param paddingIndex {@code pad_token_id}: the row of the word embeddings that gets no gradient
 */
public record BertConfig(int vocabularySize, int hiddenSize, int layers, int heads, int intermediateSize,
        int maxPositions, int typeVocabularySize, Activation activation, float layerNormEps, int paddingIndex)
        implements
            PretrainedConfig {
    private static final String ENCODERS = "only encoders are supported";

    @Override
    public int segments() {
        return typeVocabularySize;
    }

    /**
     * Reads the {@code config.json} of a BERT.
     *
     * @throws dev.lorikeet.transformer.io.InputException if a field is missing or wrong, or asks for mathematics that
     *     is not BERT's
     */
    public static BertConfig read(Path file) {
        return read(JsonObject.read(file), "bert", 0);
    }

    static BertConfig read(JsonObject json, String modelType, int defaultPaddingIndex) {
        ConfigFields.require(json, "model_type", modelType);
        ConfigFields.require(json, "position_embedding_type", "absolute");
        ConfigFields.require(json, "is_decoder", false, ENCODERS);
        ConfigFields.require(json, "is_causal", false, ENCODERS);
        ConfigFields.require(json, "add_cross_attention", false, ENCODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        BertConfig config = new BertConfig(vocabularySize, ConfigFields.positive(json, "hidden_size"),
                ConfigFields.positive(json, "num_hidden_layers"), ConfigFields.positive(json, "num_attention_heads"),
                ConfigFields.positive(json, "intermediate_size"),
                ConfigFields.positive(json, "max_position_embeddings"), ConfigFields.positive(json, "type_vocab_size"),
                ConfigFields.activation(json, "hidden_act", "gelu"), ConfigFields.eps(json, "layer_norm_eps", 1e-12),
                ConfigFields.paddingIndex(json, vocabularySize, defaultPaddingIndex));
        ConfigFields.requireDivides(json, "num_attention_heads", config.heads, "hidden_size", config.hiddenSize);
        return config;
    }
}
