package dev.lorikeet.transformer.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code config.json} that a GGUF file says. */
final class GgufConfig {
    /** What says nothing that is not said elsewhere. */
    private static final Set<String> BESIDE = Set.of("vocab_size", "rope.dimension_count", "rope.freq_base",
            "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length",
            "rope.scaling.finetuned", "attention.key_length", "attention.value_length", "attention.causal");
    /** Divisors of the frequencies of rotary positions, in a tensor. */
    static final String DIVISORS = "rope_freqs.weight";

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final GgufArchitecture architecture;
    private final Map<String, Object> config = new LinkedHashMap<>();

    private GgufConfig(GgufFile file, GgufArchitecture architecture) {
        this.file = file;
        this.metadata = file.values();
        this.architecture = architecture;
    }

    /** @throws dev.lorikeet.transformer.io.InputException if a value is missing, or may change the maths */
    static Map<String, Object> of(GgufFile file, GgufArchitecture architecture) {
        return new GgufConfig(file, architecture).read();
    }

    private Map<String, Object> read() {
        config.put("model_type", architecture.modelType());
        config.put("architectures", List.of(architecture.className()));
        config.putAll(architecture.constants());
        architecture.fields().forEach((field, key) -> {
            if (metadata.has(own(key))) {
                config.put(field, metadata.value(own(key)));
            }
        });
        requireKnown();
        config.put("vocab_size", file.shape("token_embd.weight").dim(0));
        config.put("tie_word_embeddings", !file.contains("output.weight"));
        config.put("attention_bias", file.contains("blk.0.attn_q.bias"));
        config.put("mlp_bias", file.contains("blk.0.ffn_up.bias"));
        heads();
        special("bos_token_id", "bos");
        special("eos_token_id", "eos");
        special("pad_token_id", "padding");
        return config;
    }

    private String own(String key) {
        return architecture.name() + "." + key;
    }

    private void requireKnown() {
        String start = own("");
        for (String key : metadata.keys()) {
            String rest = key.startsWith(start) ? key.substring(start.length()) : "vocab_size";
            if (!BESIDE.contains(rest) && !architecture.fields().containsValue(rest)) {
                throw metadata.error(key, "is not known for " + architecture.name() + ", and may change the maths");
            }
        }
    }

    /** The size of heads, and how rotary positions turn them. */
    private void heads() {
        int heads = metadata.integer(own("attention.head_count"));
        int hidden = metadata.integer(own("embedding_length"));
        if (heads < 1) {
            throw metadata.error(own("attention.head_count"), "must be at least 1, not " + heads);
        }
        int size = metadata.integer(own("attention.key_length"), hidden / heads);
        if (metadata.integer(own("attention.value_length"), size) != size) {
            throw metadata.error(own("attention.value_length"), "values are as long as keys, " + size);
        }
        config.put("head_dim", size);
        config.put("rope_parameters", rotary(metadata.integer(own("rope.dimension_count"), size), size));
    }

    private Map<String, Object> rotary(int turned, int size) {
        Map<String, Object> rotary = new LinkedHashMap<>();
        rotary.put("rope_theta", metadata.number(own("rope.freq_base"), 10_000));
        if (turned != size) {
            rotary.put("partial_rotary_factor", (double) turned / size);
        }
        String type = metadata.string(own("rope.scaling.type"), "none");
        if (file.contains(DIVISORS)) {
            // the same divisors for short and long texts: what Hugging Face's longrope is without the two
            List<Double> divisors = new ArrayList<>();
            for (float divisor : file.readFinite(DIVISORS).toArray()) {
                divisors.add((double) divisor);
            }
            rotary.put("rope_type", "longrope");
            rotary.put("short_factor", divisors);
            rotary.put("long_factor", divisors);
            rotary.put("attention_factor", 1.0);
        } else if (!type.equals("none")) {
            rotary.put("rope_type", type);
            rotary.put("factor", metadata.number(own("rope.scaling.factor")));
        } else {
            rotary.put("rope_type", "default");
        }
        return rotary;
    }

    private void special(String field, String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        if (metadata.has(key)) {
            config.put(field, metadata.integer(key));
        }
    }
}
