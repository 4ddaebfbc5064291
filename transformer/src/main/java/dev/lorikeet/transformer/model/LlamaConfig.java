package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Collections;
import java.util.List;

/**
 * What {@code config.json} says about a Llama (Touvron et al. 2023) or one of its relatives.
 *
 * @param keyValueHeads {@code num_key_value_heads}: how many heads of keys and values the heads of queries share
 * @param headSize {@code head_dim}, or hidden/heads where there is none
 * @param maxPositions {@code max_position_embeddings}, or fewer where the angles are those of so many
 * @param activation {@code hidden_act}, of the gate
 * @param biases which layers have one
 * @param headNorms whether each head of queries and keys is normalised
 * @param rotary the angles of positions
 * @param forms what differs from layer to layer
 * @param paddingIndex {@code pad_token_id}: the row of the embeddings that gets no gradient from look-ups, or
 *     {@link SequenceOps#NO_PADDING}
 */
public record LlamaConfig(int vocabularySize, int hiddenSize, int heads, int keyValueHeads, int headSize,
        int intermediateSize, int maxPositions, Activation activation, float rmsNormEps, Biases biases,
        boolean headNorms, RotaryConfig rotary, List<Form> forms, int paddingIndex) implements PretrainedConfig {
    /**
     * Which linear layers have a bias.
     *
     * @param queryKeyValue the three that attention begins with
     * @param output the one that it ends with
     * @param mlp the three of the feed-forward part
     */
    public record Biases(boolean queryKeyValue, boolean output, boolean mlp) {
        static final Biases NONE = new Biases(false, false, false);

        /** By the fields {@code attention_bias} and {@code mlp_bias}. */
        static Biases read(JsonObject json) {
            boolean attention = json.flag("attention_bias", false);
            return new Biases(attention, attention, json.flag("mlp_bias", false));
        }
    }

    /**
     * One layer.
     *
     * @param window how many tokens up to itself a token sees; 0 for all
     * @param rotary whether queries and keys turn with their positions
     */
    public record Form(int window, boolean rotary) {
        static final Form PLAIN = new Form(0, true);
    }

    public LlamaConfig {
        forms = List.copyOf(forms);
    }

    @Override
    public int layers() {
        return forms.size();
    }

    static LlamaConfig read(JsonObject json) {
        ConfigFields.requireDivides(json, "num_attention_heads", ConfigFields.positive(json, "num_attention_heads"),
                "hidden_size", ConfigFields.positive(json, "hidden_size"));
        return read(json, "llama", SequenceOps.NO_PADDING, RotaryConfig.Usual.LLAMA).with(Biases.read(json));
    }

    /** The fields that the relatives share, without biases, with {@code padding} where no field says it. */
    static LlamaConfig read(JsonObject json, String modelType, int padding, RotaryConfig.Usual usual) {
        ConfigFields.require(json, "model_type", modelType);
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "hidden_size");
        int heads = ConfigFields.positive(json, "num_attention_heads");
        int keyValueHeads = ConfigFields.positive(json, "num_key_value_heads", heads);
        ConfigFields.requireDivides(json, "num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
        if (!json.has("head_dim")) {
            ConfigFields.requireDivides(json, "num_attention_heads", heads, "hidden_size", hiddenSize);
        }
        int headSize = ConfigFields.evenHeads(json, ConfigFields.positive(json, "head_dim", hiddenSize / heads));
        int maxPositions = ConfigFields.positive(json, "max_position_embeddings");
        RotaryConfig rotary = RotaryConfig.read(json, maxPositions, headSize, usual);
        int layers = ConfigFields.layers(json);
        return new LlamaConfig(vocabularySize, hiddenSize, heads, keyValueHeads, headSize,
                ConfigFields.positive(json, "intermediate_size"), Math.min(maxPositions, rotary.scaling().positions()),
                ConfigFields.activation(json, "hidden_act", "silu"), ConfigFields.eps(json, "rms_norm_eps", 1e-6),
                Biases.NONE, false, rotary, Collections.nCopies(layers, Form.PLAIN),
                ConfigFields.paddingIndex(json, vocabularySize, padding));
    }

    LlamaConfig with(Biases other) {
        return new LlamaConfig(vocabularySize, hiddenSize, heads, keyValueHeads, headSize, intermediateSize,
                maxPositions, activation, rmsNormEps, other, headNorms, rotary, forms, paddingIndex);
    }

    LlamaConfig with(List<Form> other) {
        return new LlamaConfig(vocabularySize, hiddenSize, heads, keyValueHeads, headSize, intermediateSize,
                maxPositions, activation, rmsNormEps, biases, headNorms, rotary, other, paddingIndex);
    }

    LlamaConfig withHeadNorms() {
        return new LlamaConfig(vocabularySize, hiddenSize, heads, keyValueHeads, headSize, intermediateSize,
                maxPositions, activation, rmsNormEps, biases, true, rotary, forms, paddingIndex);
    }

    LlamaConfig withWindows(List<Integer> windows) {
        return with(windows.stream().map(window -> new Form(window, true)).toList());
    }
}
