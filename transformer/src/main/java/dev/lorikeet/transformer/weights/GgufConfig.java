package dev.lorikeet.transformer.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The {@code config.json} that a GGUF file says. */
final class GgufConfig {
    /** What says nothing that is not said elsewhere. */
    private static final Set<String> BESIDE = Set.of("vocab_size", "rope.dimension_count", "rope.freq_base",
            "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length",
            "rope.scaling.finetuned", "rope.freq_base_swa", "rope.scaling.attn_factor", "attention.key_length",
            "attention.value_length",
            "attention.causal", GgufModel.POOLING_TYPE);
    /** Divisors of the frequencies of rotary positions, in a tensor: of all texts, of short and of long ones. */
    static final String DIVISORS = "rope_freqs.weight";
    static final String SHORT = "rope_factors_short.weight";
    static final String LONG = "rope_factors_long.weight";
    /** The tensors that are read here. */
    static final Set<String> TENSORS = Set.of(DIVISORS, SHORT, LONG);
    /** Of rerankers. */
    private static final int RANK = 4;
    private static final String ROTARY = "rope_parameters";

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final GgufArchitecture architecture;
    private final Map<String, Object> config = new LinkedHashMap<>();
    private int headSize;

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
        architecture.more().accept(this);
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
            if (rest.equals(GgufModel.POOLING_TYPE)) {
                requirePooling(key);
            }
        }
    }

    /** Hidden states are the same by any; a rank is what a head of its own says of them. */
    private void requirePooling(String key) {
        int type = metadata.integer(key);
        if (type < 0 || type > GgufModel.LAST_TOKEN) {
            throw metadata.error(key, "is " + type + (type == RANK ? ", rank, of a head that is not read" : "")
                    + "; 0, none, 1, mean, 2, cls, and 3, last, are supported");
        }
    }

    void llama() {
        config.put("attention_bias", file.contains("blk.0.attn_q.bias"));
        config.put("mlp_bias", file.contains("blk.0.ffn_up.bias"));
        rotaryHeads();
    }

    void gemma2() {
        rotaryHeads();
        config.put("query_pre_attn_scalar", scoreScale());
    }

    void gemma3() {
        rotaryHeads();
        config.put("query_pre_attn_scalar", scoreScale());
        config.put(ROTARY, Map.of("full_attention", Objects.requireNonNull(config.get(ROTARY)), "sliding_attention",
                Map.of("rope_type", "default", "rope_theta", metadata.number(own("rope.freq_base_swa"), 10_000))));
    }

    void bert() {
        config.put("type_vocab_size", file.shape("token_types.weight").dim(0));
        if (metadata.flag(own("attention.causal"), false)) {
            throw metadata.error(own("attention.causal"), "an encoder sees all tokens, so it must be false");
        }
    }

    private int scoreScale() {
        return architecture.scoreScale(metadata.integer(own("block_count")), metadata.integer(own("embedding_length")),
                metadata.integer(own("attention.head_count")), headSize);
    }

    /** The size of heads, and how rotary positions turn them. */
    void rotaryHeads() {
        int heads = metadata.integer(own("attention.head_count"));
        int hidden = metadata.integer(own("embedding_length"));
        if (heads < 1) {
            throw metadata.error(own("attention.head_count"), "must be at least 1, not " + heads);
        }
        int size = metadata.integer(own("attention.key_length"), hidden / heads);
        if (metadata.integer(own("attention.value_length"), size) != size) {
            throw metadata.error(own("attention.value_length"), "values are as long as keys, " + size);
        }
        headSize = size;
        config.put("head_dim", size);
        config.put(ROTARY, rotary(metadata.integer(own("rope.dimension_count"), size), size));
    }

    private Map<String, Object> rotary(int turned, int size) {
        Map<String, Object> rotary = new LinkedHashMap<>();
        rotary.put("rope_theta", metadata.number(own("rope.freq_base"), 10_000));
        if (turned != size) {
            rotary.put("partial_rotary_factor", (double) turned / size);
        }
        String type = metadata.string(own("rope.scaling.type"), "none");
        if (file.contains(DIVISORS) || file.contains(SHORT)) {
            boolean one = file.contains(DIVISORS); // for texts of any length
            rotary.put("rope_type", "longrope");
            rotary.put("short_factor", numbers(one ? DIVISORS : SHORT));
            rotary.put("long_factor", numbers(one ? DIVISORS : LONG));
            rotary.put("original_max_position_embeddings", metadata.integer(
                    own("rope.scaling.original_context_length"), metadata.integer(own("context_length"))));
            if (one || metadata.has(own("rope.scaling.attn_factor"))) {
                rotary.put("attention_factor", metadata.number(own("rope.scaling.attn_factor"), 1));
            }
        } else if (!type.equals("none")) {
            rotary.put("rope_type", type);
            rotary.put("factor", metadata.number(own("rope.scaling.factor")));
        } else {
            rotary.put("rope_type", "default");
        }
        return rotary;
    }

    private List<Double> numbers(String tensor) {
        List<Double> numbers = new ArrayList<>();
        for (float number : file.readFinite(tensor).toArray()) {
            numbers.add((double) number);
        }
        return numbers;
    }

    private void special(String field, String name) {
        String key = "tokenizer.ggml." + name + "_token_id";
        if (metadata.has(key)) {
            config.put(field, metadata.integer(key));
        }
    }
}
