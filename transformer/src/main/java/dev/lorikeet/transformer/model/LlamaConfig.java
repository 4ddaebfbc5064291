package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;

/**
 * What {@code config.json} says about a Llama (Touvron et al. 2023).
 *
 * @param keyValueHeads {@code num_key_value_heads}: how many heads of keys and values the heads of queries share
 * @param headSize {@code head_dim}, or hidden/heads where there is none
 * @param maxPositions {@code max_position_embeddings}
 * @param activation {@code hidden_act}, of the gate
 * @param attentionBias {@code attention_bias}: whether all four projections of attention have a bias
 * @param mlpBias {@code mlp_bias}: whether the three of the feed-forward part have one
 * @param rotary the angles of positions
 * @param paddingIndex {@code pad_token_id}: the row of the embeddings that gets no gradient from look-ups, or
 *     {@link SequenceOps#NO_PADDING}
 */
public record LlamaConfig(int vocabularySize, int hiddenSize, int layers, int heads, int keyValueHeads, int headSize,
        int intermediateSize, int maxPositions, Activation activation, float rmsNormEps,
        boolean attentionBias, boolean mlpBias, RotaryConfig rotary, int paddingIndex) implements PretrainedConfig {
    static LlamaConfig read(JsonObject json) {
        ConfigFields.require(json, "model_type", "llama");
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "hidden_size");
        int heads = ConfigFields.positive(json, "num_attention_heads");
        ConfigFields.requireDivides(json, "num_attention_heads", heads, "hidden_size", hiddenSize);
        int keyValueHeads = ConfigFields.positive(json, "num_key_value_heads", heads);
        ConfigFields.requireDivides(json, "num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
        int headSize = ConfigFields.positive(json, "head_dim", hiddenSize / heads);
        if (headSize % 2 != 0) {
            throw json.error("head_dim", "must be even, since rotary positions turn pairs, not " + headSize);
        }
        int maxPositions = ConfigFields.positive(json, "max_position_embeddings");
        return new LlamaConfig(vocabularySize, hiddenSize, ConfigFields.positive(json, "num_hidden_layers"), heads,
                keyValueHeads, headSize, ConfigFields.positive(json, "intermediate_size"), maxPositions,
                ConfigFields.activation(json, "hidden_act", "silu"), ConfigFields.eps(json, "rms_norm_eps", 1e-6),
                json.flag("attention_bias", false),
                json.flag("mlp_bias", false), RotaryConfig.read(json, maxPositions),
                ConfigFields.paddingIndex(json, vocabularySize, SequenceOps.NO_PADDING));
    }
}
