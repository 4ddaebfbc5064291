package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/**
 * What {@code config.json} says about a GPT-2 (Radford et al. 2019).
 *
 * @param hiddenSize {@code n_embd} or {@code hidden_size}; the next ones have a second name, too
 * @param layers {@code n_layer}
 * @param heads {@code n_head}
 * @param innerSize {@code n_inner}, or 4·hidden where there is none
 * @param maxPositions {@code n_positions}
 * @param activation {@code activation_function}
 * @param paddingIndex {@code pad_token_id}, which only the head of a classifier asks for, or
 *     {@link SequenceOps#NO_PADDING}
 */
public record Gpt2Config(int vocabularySize, int hiddenSize, int layers, int heads, int innerSize, int maxPositions,
        Activation activation, float layerNormEps, int paddingIndex) implements PretrainedConfig {
    /** By the names that transformers has for those of other architectures. */
    static final Map<String, String> OWN_NAMES = Map.of("hidden_size", "n_embd", "num_hidden_layers",
            "n_layer", "num_attention_heads", "n_head", "max_position_embeddings", "n_positions");

    static Gpt2Config read(JsonObject file) {
        JsonObject json = ConfigFields.underOwnNames(file, OWN_NAMES);
        ConfigFields.require(json, "model_type", "gpt2");
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.require(json, "add_cross_attention", false, "only decoders of their own are supported");
        ConfigFields.require(json, "scale_attn_weights", true, "scores are always divided by the root of the size");
        ConfigFields.require(json, "scale_attn_by_inverse_layer_idx", false, "scores are scaled alike in all layers");
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "n_embd");
        Gpt2Config config = new Gpt2Config(vocabularySize, hiddenSize, ConfigFields.positive(json, "n_layer"),
                ConfigFields.positive(json, "n_head"), ConfigFields.positive(json, "n_inner", 4 * hiddenSize),
                ConfigFields.positive(json, "n_positions"),
                ConfigFields.activation(json, "activation_function", "gelu_new"),
                ConfigFields.eps(json, "layer_norm_epsilon", 1e-5),
                ConfigFields.paddingIndex(json, vocabularySize, SequenceOps.NO_PADDING));
        ConfigFields.requireDivides(json, "n_head", config.heads, "n_embd", hiddenSize);
        return config;
    }
}
