package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LlamaConfig.Biases;
import dev.lorikeet.transformer.model.LlamaConfig.Form;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The architectures that are {@link LlamaModel} but for a few fields of its config. */
final class LlamaRelatives {
    private static final String BUFFERS = "(.*\\.)?rotary_emb\\.inv_freq";

    /** Mistral (Jiang et al. 2023): a token sees the {@code sliding_window} tokens up to itself. */
    static final Architecture MISTRAL = of("mistral", "Mistral", false, "model", json -> {
        if (json.has("layer_types")) {
            throw json.error("layer_types", "all layers of a mistral have one window");
        }
        LlamaConfig config = LlamaConfig.read(json, "mistral", SequenceOps.NO_PADDING, RotaryConfig.Usual.LLAMA);
        int window = ConfigFields.window(json, 4096);
        return config.withWindows(IntStream.range(0, config.layers()).mapToObj(i -> window).toList());
    });

    /** Qwen2 (Yang et al. 2024): queries, keys and values have a bias; higher layers may have a window. */
    static final Architecture QWEN2 = of("qwen2", "Qwen2", false, json -> {
        LlamaConfig config = LlamaConfig.read(json, "qwen2", SequenceOps.NO_PADDING, RotaryConfig.Usual.LLAMA);
        return config.with(new Biases(true, false, false)).withWindows(qwenWindows(json, config.layers()));
    });

    /** Qwen3 (Yang et al. 2025): each head of queries and keys is normalised before it turns. */
    static final Architecture QWEN3 = of("qwen3", "Qwen3", false, json -> {
        LlamaConfig config = LlamaConfig.read(ConfigFields.withDefault(json, "head_dim", 128), "qwen3",
                SequenceOps.NO_PADDING, RotaryConfig.Usual.LLAMA);
        boolean bias = json.flag("attention_bias", false);
        return config.with(new Biases(bias, bias, false)).withHeadNorms()
                .withWindows(qwenWindows(json, config.layers()));
    });

    /** SmolLM3 (Hugging Face 2025): layers without positions, every fourth one as a rule (Yang et al. 2025, NoPE). */
    static final Architecture SMOLLM3 = of("smollm3", "SmolLM3", true, json -> {
        LlamaConfig config = LlamaConfig.read(json, "smollm3", 128_004, RotaryConfig.Usual.SMOLLM3);
        List<Boolean> turned = turned(json, config.layers());
        int window = json.flag("use_sliding_window", false) ? ConfigFields.window(json, 0) : 0;
        List<Integer> windows = ConfigFields.windows(json, config.layers(), window,
                i -> window > 0 && !turned.get(i));
        return config.with(Biases.read(json)).with(IntStream.range(0, config.layers())
                .mapToObj(i -> new Form(windows.get(i), turned.get(i))).toList());
    });

    private LlamaRelatives() {}

    /**
     * An architecture; models that answer questions have their base at {@code transformer}, as they had before others
     * got {@code model}.
     *
     * @param tied whether the head of a language model is the table of the words where the config does not say
     */
    static Architecture of(String modelType, String className, boolean tied,
            Function<JsonObject, LlamaConfig> reader) {
        return of(modelType, className, tied, "transformer", reader);
    }

    /** @param asked the path of the base in models that answer questions */
    private static Architecture of(String modelType, String className, boolean tied, String asked,
            Function<JsonObject, LlamaConfig> reader) {
        return new Architecture(modelType, className, "model", "embed_tokens.weight", tied, BUFFERS,
                (architecture, config, files, _) -> new LlamaModel(architecture, reader.apply(config), files),
                Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                        "ForTokenClassification", HeadKind.tokens("score"), "ForCausalLM", HeadKind.causal(),
                        "ForQuestionAnswering", HeadKind.spans().over(asked)));
    }

    private static List<Integer> qwenWindows(JsonObject json, int layers) {
        int window = json.flag("use_sliding_window", false) ? ConfigFields.window(json, 4096) : 0;
        int first = json.integer("max_window_layers", 28);
        return ConfigFields.windows(json, layers, window, i -> window > 0 && i >= first);
    }

    /** For each layer whether it has rotary positions: {@code no_rope_layers}, in which 1 says yes. */
    private static List<Boolean> turned(JsonObject json, int layers) {
        int interval = ConfigFields.positive(json, "no_rope_layer_interval", 4);
        if (!json.has("no_rope_layers")) {
            return IntStream.range(0, layers).mapToObj(i -> (i + 1) % interval != 0).toList();
        }
        List<?> given = json.list("no_rope_layers");
        if (given.size() < layers
                || !given.stream().allMatch(each -> each instanceof Integer i && (i == 0 || i == 1))) {
            throw json.error("no_rope_layers", "0 or 1 is expected for each of " + layers + " layers");
        }
        return given.stream().limit(layers).map(each -> each.equals(1)).toList();
    }
}
