package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/**
 * What {@code config.json} says about a GPT-NeoX (Black et al. 2022).
 *
 * @param activation {@code hidden_act}
 * @param attentionBias {@code attention_bias}: whether both projections of attention have a bias
 * @param parallelResidual {@code use_parallel_residual}: whether both parts of a layer read its input
 * @param rotary the angles of positions, and of which part of a head
 * @param paddingIndex {@code pad_token_id}, which only the head of a classifier asks for, or
 *     {@link SequenceOps#NO_PADDING}
 */
public record GptNeoXConfig(int vocabularySize, int hiddenSize, int layers, int heads, int intermediateSize,
        int maxPositions, Activation activation, float layerNormEps, boolean attentionBias, boolean parallelResidual,
        RotaryConfig rotary, int paddingIndex) implements PretrainedConfig {
    /** Of files before transformers 5. */
    private static final Map<String, String> OLD_NAMES = Map.of("rotary_emb_base", "rope_theta", "rotary_pct",
            "partial_rotary_factor");

    static GptNeoXConfig read(JsonObject file) {
        JsonObject json = ConfigFields.underOwnNames(file, OLD_NAMES);
        ConfigFields.require(json, "model_type", "gpt_neox");
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "hidden_size");
        int heads = ConfigFields.positive(json, "num_attention_heads");
        ConfigFields.requireDivides(json, "num_attention_heads", heads, "hidden_size", hiddenSize);
        int maxPositions = ConfigFields.positive(json, "max_position_embeddings");
        RotaryConfig rotary = RotaryConfig.read(json, maxPositions, hiddenSize / heads, RotaryConfig.Usual.NEOX);
        return new GptNeoXConfig(vocabularySize, hiddenSize, ConfigFields.positive(json, "num_hidden_layers"), heads,
                ConfigFields.positive(json, "intermediate_size"), maxPositions,
                ConfigFields.activation(json, "hidden_act", "gelu"), ConfigFields.eps(json, "layer_norm_eps", 1e-5),
                json.flag("attention_bias", true), json.flag("use_parallel_residual", true), rotary,
                ConfigFields.paddingIndex(json, vocabularySize, SequenceOps.NO_PADDING));
    }
}
