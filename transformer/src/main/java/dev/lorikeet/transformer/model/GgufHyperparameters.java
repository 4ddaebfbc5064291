package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LlamaConfig.Biases;
import dev.lorikeet.transformer.model.RotaryConfig.Linear;
import dev.lorikeet.transformer.model.RotaryConfig.Llama3;
import dev.lorikeet.transformer.model.RotaryConfig.LongRope;
import dev.lorikeet.transformer.model.RotaryConfig.Unscaled;
import dev.lorikeet.transformer.weights.GgufNames;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a {@code config.json} says, as a GGUF file says it. What such files cannot say is refused, unless it is what
 * llama.cpp takes where they say nothing.
 */
final class GgufHyperparameters {
    private final JsonObject json;
    private final GgufNames names;
    private final GgufWriter writer;

    GgufHyperparameters(JsonObject json, GgufNames names, GgufWriter writer) {
        this.json = json;
        this.names = names;
        this.writer = writer;
    }

    /** @throws dev.lorikeet.transformer.io.InputException if GGUF files have no place for a field */
    void write(PretrainedConfig config) {
        switch (config) {
            case LlamaConfig llama -> llama(llama);
            case GemmaConfig gemma -> gemma(gemma);
            case Gpt2Config gpt2 -> gpt2(gpt2);
            case GptNeoXConfig neox -> neox(neox);
            case BertConfig bert -> bert(bert);
            default -> throw json.error("model_type", names.architecture() + " is written as a GGUF file where it was"
                    + " read from one");
        }
    }

    private void llama(LlamaConfig config) {
        require("hidden_act", config.activation() == Activation.SILU, "it is silu");
        Biases biases = config.biases();
        switch (names.architecture()) {
            case "llama" -> requireWindows(config, 0);
            case "qwen2" -> requireWindows(config, 0);
            case "qwen3" -> {
                require("attention_bias", biases.equals(Biases.NONE), "it is false");
                requireWindows(config, 0);
            }
            default -> { // phi3
                int window = config.forms().getFirst().window();
                requireWindows(config, window);
                names.put(window == 0 ? Map.of() : Map.of("sliding_window", window), writer);
            }
        }
        names.put(decoder(config, config.keyValueHeads(), config.intermediateSize(), config.rmsNormEps()), writer);
        heads(config.headSize());
        rotary(config.rotary(), config.headSize());
    }

    private void requireWindows(LlamaConfig config, int window) {
        require("sliding_window", config.forms().stream().allMatch(form -> form.window() == window && form.rotary()),
                "it is for all layers or for none");
    }

    private Map<String, Object> decoder(PretrainedConfig config, int keyValueHeads, int intermediateSize, float eps) {
        return Map.of("hidden_size", config.hiddenSize(), "num_hidden_layers", config.layers(), "num_attention_heads",
                config.heads(), "num_key_value_heads", keyValueHeads, "intermediate_size", intermediateSize,
                "max_position_embeddings", json.integer("max_position_embeddings"), "rms_norm_eps", eps);
    }

    private void heads(int size) {
        names.put("attention.key_length", size, writer);
        names.put("attention.value_length", size, writer);
    }

    private void rotary(RotaryConfig rotary, int headSize) {
        int turned = (int) (headSize * rotary.part());
        names.put("rope.dimension_count", turned, writer);
        names.put("rope.freq_base", (float) rotary.theta(), writer);
        switch (rotary.scaling()) {
            case Unscaled _ -> {
            }
            case Linear linear -> {
                names.put("rope.scaling.type", "linear", writer);
                names.put("rope.scaling.factor", linear.factor(), writer);
            }
            case Llama3 scaling -> {
                require("rope_parameters", names.architecture().equals("llama"), "llama alone scales as llama3");
                float[] divisors = divisors(scaling, turned, rotary.theta());
                GgufNames.putDivisors(divisors, divisors, writer);
            }
            case LongRope scaling -> longRope(scaling);
        }
    }

    private static float[] divisors(Llama3 scaling, int turned, double theta) {
        float[] plain = Rotary.frequencies(turned, theta);
        float[] scaled = scaling.frequencies(turned, theta);
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (float) ((double) plain[i] / scaled[i]);
        }
        return plain;
    }

    private void longRope(LongRope scaling) {
        require("rope_parameters", names.architecture().equals("phi3"), "phi3 alone scales as longrope");
        String field = json.has("rope_scaling") && !json.object("rope_scaling").fields().isEmpty() ? "rope_scaling"
                : "rope_parameters";
        JsonObject rope = json.object(field);
        JsonObject place = json.has("original_max_position_embeddings") ? json : rope;
        names.put("rope.scaling.original_context_length", ConfigFields.positive(place,
                "original_max_position_embeddings", json.integer("max_position_embeddings")), writer);
        names.put("rope.scaling.attn_factor", scaling.growth(), writer);
        float[] shorter = numbers(scaling.factors());
        float[] longer = numbers(rope.list("long_factor"));
        GgufNames.putDivisors(shorter, longer, writer);
    }

    private static float[] numbers(List<?> list) {
        float[] numbers = new float[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = ((Number) list.get(i)).floatValue();
        }
        return numbers;
    }

    private void gemma(GemmaConfig config) {
        require("hidden_activation", config.activation() == Activation.GELU_TANH, "it is gelu_pytorch_tanh");
        require("attention_bias", !config.attentionBias(), "it is false");
        int scale = names.scoreScale(config.layers(), config.hiddenSize(), config.heads(), config.headSize());
        require("query_pre_attn_scalar", config.scale() == (float) (1 / Math.sqrt(scale)),
                "it is " + scale + " for such a model");
        boolean second = names.architecture().equals("gemma2");
        int window = config.windows().stream().mapToInt(Integer::intValue).max().orElse(0);
        require("layer_types",
                window > 0 && IntStream.range(0, config.layers()).allMatch(
                        i -> config.windows().get(i) == ((second ? i % 2 == 0 : (i + 1) % 6 != 0) ? window : 0)),
                (second ? "every other layer" : "each layer but every sixth")
                        + " has a window");
        Map<String, Object> fields = new HashMap<>(decoder(config, config.keyValueHeads(), config.intermediateSize(),
                config.rmsNormEps()));
        fields.put("sliding_window", window);
        float cap = GemmaConfig.cap(json, "final_logit_softcapping", second ? 30 : 0);
        require("attn_logit_softcapping", second == config.cap() > 0, "it is a number for gemma2 alone");
        require("final_logit_softcapping", second == cap > 0, "it is a number for gemma2 alone");
        fields.put("attn_logit_softcapping", config.cap());
        fields.put("final_logit_softcapping", cap);
        names.put(fields, writer);
        heads(config.headSize());
        rotary(config.rotary(), config.headSize());
        if (!second) {
            require("rope_parameters", config.local().scaling() instanceof Unscaled,
                    "layers with a window are not scaled");
            names.put("rope.freq_base_swa", (float) config.local().theta(), writer);
        }
    }

    private void gpt2(Gpt2Config config) {
        require("activation_function", config.activation() == Activation.GELU_TANH, "it is gelu_new");
        names.put(Map.of("n_embd", config.hiddenSize(), "n_layer", config.layers(), "n_head", config.heads(), "n_inner",
                config.innerSize(), "n_positions", config.maxPositions(), "layer_norm_epsilon", config.layerNormEps()),
                writer);
    }

    private void neox(GptNeoXConfig config) {
        require("hidden_act", config.activation() == Activation.GELU, "it is gelu");
        require("attention_bias", config.attentionBias(), "it is true");
        names.put(Map.of("hidden_size", config.hiddenSize(), "num_hidden_layers", config.layers(),
                "num_attention_heads", config.heads(), "intermediate_size", config.intermediateSize(),
                "max_position_embeddings", config.maxPositions(), "layer_norm_eps", config.layerNormEps(),
                "use_parallel_residual", config.parallelResidual()), writer);
        rotary(config.rotary(), config.hiddenSize() / config.heads());
    }

    private void bert(BertConfig config) {
        require("hidden_act", config.activation() == Activation.GELU, "it is gelu");
        names.put(Map.of("hidden_size", config.hiddenSize(), "num_hidden_layers", config.layers(),
                "num_attention_heads", config.heads(), "intermediate_size", config.intermediateSize(),
                "max_position_embeddings", config.maxPositions(), "layer_norm_eps", config.layerNormEps()), writer);
        names.put("attention.causal", false, writer);
    }

    private void require(String field, boolean holds, String rule) {
        if (!holds) {
            throw json.error(field, "has no place in GGUF files, where " + rule);
        }
    }
}
