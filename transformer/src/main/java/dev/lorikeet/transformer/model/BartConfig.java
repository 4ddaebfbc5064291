package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;

/**
 * What {@code config.json} says about a BART (Lewis et al. 2020).
 *
 * @param hiddenSize {@code d_model}
 * @param encoder {@code encoder_layers}, {@code encoder_attention_heads}, {@code encoder_ffn_dim}
 * @param decoder the same of the decoder
 * @param maxPositions {@code max_position_embeddings}, two less than that table has rows
 * @param activation {@code activation_function}
 * @param scaled {@code scale_embedding}: whether embeddings are multiplied by √hidden
 * @param paddingIndex {@code pad_token_id}: the row of the embeddings that gets no gradient from look-ups
 */
public record BartConfig(int vocabularySize, int hiddenSize, Sizes encoder, Sizes decoder, int maxPositions,
        Activation activation, boolean scaled, int paddingIndex) implements PretrainedConfig {
    private static final String ORIGINAL = "layers are those of BART, not of its relatives";

    /** Of one of the two stacks. */
    public record Sizes(int layers, int heads, int intermediateSize) {
        private static Sizes read(JsonObject json, String which, int hiddenSize) {
            Sizes sizes = new Sizes(ConfigFields.positive(json, which + "_layers"),
                    ConfigFields.positive(json, which + "_attention_heads"),
                    ConfigFields.positive(json, which + "_ffn_dim"));
            ConfigFields.requireDivides(json, which + "_attention_heads", sizes.heads, "d_model", hiddenSize);
            return sizes;
        }
    }

    @Override
    public int layers() {
        return encoder.layers;
    }

    @Override
    public int heads() {
        return encoder.heads;
    }

    static BartConfig read(JsonObject json) {
        ConfigFields.require(json, "model_type", "bart");
        ConfigFields.require(json, "is_encoder_decoder", true, "an encoder and a decoder are expected");
        ConfigFields.require(json, "normalize_before", false, ORIGINAL);
        ConfigFields.require(json, "add_final_layer_norm", false, ORIGINAL);
        ConfigFields.require(json, "normalize_embedding", true, ORIGINAL);
        ConfigFields.require(json, "static_position_embeddings", false, ORIGINAL);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "d_model");
        return new BartConfig(vocabularySize, hiddenSize, Sizes.read(json, "encoder", hiddenSize),
                Sizes.read(json, "decoder", hiddenSize), ConfigFields.positive(json, "max_position_embeddings"),
                ConfigFields.activation(json, "activation_function", "gelu"), json.flag("scale_embedding", false),
                ConfigFields.paddingIndex(json, vocabularySize, 1));
    }
}
