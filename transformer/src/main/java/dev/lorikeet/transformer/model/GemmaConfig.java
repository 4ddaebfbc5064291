package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * What {@code config.json} says about a Gemma 2 or the text part of a Gemma 3.
 *
 * @param activation {@code hidden_activation}, of the gate
 * @param attentionBias {@code attention_bias}: whether all four projections of attention have a bias
 * @param scale of the scores, 1/√{@code query_pre_attn_scalar}
 * @param cap {@code attn_logit_softcapping}; 0 for none
 * @param headNorms whether each head of queries and keys is normalised
 * @param windows for each layer how many tokens up to itself a token sees; 0 for all
 * @param rotary the angles of positions in layers without a window
 * @param local those in layers with one
 */
public record GemmaConfig(int vocabularySize, int hiddenSize, int heads, int keyValueHeads, int headSize,
        int intermediateSize, int maxPositions, Activation activation, float rmsNormEps, boolean attentionBias,
        float scale, float cap, boolean headNorms, List<Integer> windows, RotaryConfig rotary, RotaryConfig local,
        int paddingIndex) implements PretrainedConfig {
    private static final String TYPES = "rope_parameters";

    public GemmaConfig {
        windows = List.copyOf(windows);
    }

    @Override
    public int layers() {
        return windows.size();
    }

    /** Of a Gemma 2: every other layer has a window. */
    static GemmaConfig second(JsonObject json) {
        RotaryConfig rotary = RotaryConfig.read(json, ConfigFields.positive(json, "max_position_embeddings"),
                headSize(json), RotaryConfig.Usual.LLAMA);
        return read(json, "gemma2", i -> i % 2 == 0, cap(json, "attn_logit_softcapping", 50), false, rotary, rotary);
    }

    /** Of a Gemma 3: every layer but each sixth has a window, and angles of its own. */
    static GemmaConfig third(JsonObject json) {
        if (json.has("attn_logit_softcapping")) {
            throw json.error("attn_logit_softcapping", "transformers does not cap the scores of a gemma3, so it must be"
                    + " null");
        }
        int period = ConfigFields.positive(json, "sliding_window_pattern", 6);
        return read(json, "gemma3_text", i -> (i + 1) % period != 0, 0f, true,
                rotary(json, "full_attention", "rope_theta", RotaryConfig.Usual.GEMMA3),
                rotary(json, "sliding_attention", "rope_local_base_freq", RotaryConfig.Usual.LLAMA));
    }

    /** The angles of one kind of layers: files before transformers 5 scale those of layers without a window alone. */
    private static RotaryConfig rotary(JsonObject json, String type, String theta, RotaryConfig.Usual usual) {
        Map<String, Object> fields = new LinkedHashMap<>(json.fields());
        if (type.equals("sliding_attention")) {
            fields.remove("rope_scaling");
        }
        if (json.has(TYPES) && json.object(TYPES).has(type)) {
            fields.put(TYPES, json.object(TYPES).object(type).fields());
        } else {
            fields.remove(TYPES);
        }
        fields.remove("rope_theta");
        if (json.has(theta)) {
            fields.put("rope_theta", json.fields().get(theta));
        }
        return RotaryConfig.read(new JsonObject(json.source(), json.place(), fields),
                ConfigFields.positive(json, "max_position_embeddings"), headSize(json), usual);
    }

    private static GemmaConfig read(JsonObject json, String modelType, IntPredicate sliding, float cap,
            boolean headNorms, RotaryConfig rotary, RotaryConfig local) {
        ConfigFields.require(json, "model_type", modelType);
        ConfigFields.require(json, "is_causal", true, ConfigFields.DECODERS);
        ConfigFields.require(json, "use_bidirectional_attention", false, ConfigFields.DECODERS);
        ConfigFields.refuseUnsupported(json);
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int heads = ConfigFields.positive(json, "num_attention_heads");
        int keyValueHeads = ConfigFields.positive(json, "num_key_value_heads");
        ConfigFields.requireDivides(json, "num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
        double scalar = json.has("query_pre_attn_scalar") ? ConfigFields.positiveNumber(json, "query_pre_attn_scalar")
                : 256;
        int layers = ConfigFields.layers(json);
        return new GemmaConfig(vocabularySize, ConfigFields.positive(json, "hidden_size"), heads, keyValueHeads,
                headSize(json), ConfigFields.positive(json, "intermediate_size"),
                ConfigFields.positive(json, "max_position_embeddings"),
                ConfigFields.activation(json, "hidden_activation", "gelu_pytorch_tanh"),
                ConfigFields.eps(json, "rms_norm_eps", 1e-6), json.flag("attention_bias", false),
                (float) (1 / Math.sqrt(scalar)), cap, headNorms,
                ConfigFields.windows(json, layers, ConfigFields.window(json, 4096), sliding), rotary, local,
                ConfigFields.paddingIndex(json, vocabularySize, 0));
    }

    private static int headSize(JsonObject json) {
        return ConfigFields.evenHeads(json, ConfigFields.positive(json, "head_dim", 256));
    }

    /** A soft cap; 0 for none, where the field is null. */
    static float cap(JsonObject json, String field, double whenAbsent) {
        return ConfigFields.isNull(json, field) ? 0f
                : (float) (json.has(field) ? ConfigFields.positiveNumber(json, field) : whenAbsent);
    }
}
