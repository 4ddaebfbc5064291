package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;

/**
 * What {@code config.json} says about a GPT-J (Wang and Komatsuzaki 2021).
 *
 * @param hiddenSize {@code n_embd} or {@code hidden_size}; the next ones have a second name, too
 * @param layers {@code n_layer}
 * @param heads {@code n_head}
 * @param innerSize {@code n_inner}, or 4·hidden where there is none
 * @param maxPositions {@code n_positions}
 * @param activation {@code activation_function}
 * @param turned {@code rotary_dim}: the elements of each head that turn
 * @param paddingIndex {@code pad_token_id}, which only the head of a classifier asks for, or
 *     {@link SequenceOps#NO_PADDING}
 */
public record GptJConfig(int vocabularySize, int hiddenSize, int layers, int heads, int innerSize, int maxPositions,
        Activation activation, float layerNormEps, int turned, int paddingIndex) implements PretrainedConfig {
    static GptJConfig read(JsonObject file) {
        JsonObject json = ConfigFields.underOwnNames(file, Gpt2Config.OWN_NAMES);
        ConfigFields.require(json, "model_type", "gptj");
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "n_embd");
        int heads = ConfigFields.positive(json, "n_head");
        ConfigFields.requireDivides(json, "n_head", heads, "n_embd", hiddenSize);
        if (ConfigFields.isNull(json, "rotary_dim")) {
            throw json.error("rotary_dim", "a number is expected, since whole heads have no angles of their own");
        }
        int turned = ConfigFields.positive(json, "rotary_dim", 64);
        if (turned % 2 != 0 || turned > hiddenSize / heads) {
            throw json.error("rotary_dim",
                    "must be even and at most " + hiddenSize / heads + ", a head, not " + turned);
        }
        return new GptJConfig(vocabularySize, hiddenSize, ConfigFields.positive(json, "n_layer"), heads,
                ConfigFields.positive(json, "n_inner", 4 * hiddenSize), ConfigFields.positive(json, "n_positions"),
                ConfigFields.activation(json, "activation_function", "gelu_new"),
                ConfigFields.eps(json, "layer_norm_epsilon", 1e-5), turned,
                ConfigFields.paddingIndex(json, vocabularySize, SequenceOps.NO_PADDING));
    }
}
