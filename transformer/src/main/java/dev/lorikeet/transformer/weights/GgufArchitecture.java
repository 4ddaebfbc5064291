package dev.lorikeet.transformer.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How GGUF files of one {@code general.architecture} call what Hugging Face's call otherwise.
 *
 * @param name {@code general.architecture}
 * @param modelType {@code model_type}
 * @param className {@code architectures}
 * @param constants the fields of {@code config.json} that all such models have in common
 * @param fields the keys, without the {@code name} and a dot that they begin with, by the fields of
 *     {@code config.json} that have their values
 * @param tensors by the names in GGUF files without {@code .weight} or {@code .bias}, N for the number of a layer
 */
record GgufArchitecture(String name, String modelType, String className, Map<String, Object> constants,
        Map<String, String> fields, Map<String, Tensor> tensors) {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)");

    /** How the numbers of a tensor lie in a GGUF file. */
    enum Lies {
        /** As in Hugging Face's. */
        SAME,
        /** The rows of each head of queries in pairs of neighbours, as interleaved rotary positions turn them. */
        HEADS,
        /** As {@link #HEADS}, of each head of keys. */
        KEY_HEADS
    }

    /** A tensor's name in Hugging Face's files, N for the number of a layer. */
    record Tensor(String name, Lies lies) {}

    private static final String DECODER_FIELDS = """
            hidden_size              embedding_length
            num_hidden_layers        block_count
            num_attention_heads      attention.head_count
            num_key_value_heads      attention.head_count_kv
            intermediate_size        feed_forward_length
            max_position_embeddings  context_length
            rms_norm_eps             attention.layer_norm_rms_epsilon
            """;
    private static final String LLAMA_TENSORS = """
            token_embd         model.embed_tokens
            output_norm        model.norm
            output             lm_head
            blk.N.attn_norm    model.layers.N.input_layernorm
            blk.N.attn_q       model.layers.N.self_attn.q_proj   HEADS
            blk.N.attn_k       model.layers.N.self_attn.k_proj   KEY_HEADS
            blk.N.attn_v       model.layers.N.self_attn.v_proj
            blk.N.attn_output  model.layers.N.self_attn.o_proj
            blk.N.ffn_norm     model.layers.N.post_attention_layernorm
            blk.N.ffn_gate     model.layers.N.mlp.gate_proj
            blk.N.ffn_up       model.layers.N.mlp.up_proj
            blk.N.ffn_down     model.layers.N.mlp.down_proj
            """;

    private static final List<GgufArchitecture> ALL = List.of(
            new GgufArchitecture("llama", "llama", "LlamaForCausalLM", Map.of("hidden_act", "silu"),
                    fields(DECODER_FIELDS), tensors(LLAMA_TENSORS)));

    /** @throws dev.lorikeet.transformer.io.InputException if there is none */
    static GgufArchitecture of(GgufMetadata metadata) {
        String key = "general.architecture";
        String name = metadata.string(key);
        return ALL.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow(() -> metadata.error(key,
                "\"" + name + "\" is not one of " + String.join(", ", ALL.stream().map(GgufArchitecture::name)
                        .toList())));
    }

    private static Map<String, String> fields(String table) {
        Map<String, String> fields = new LinkedHashMap<>();
        table.lines().map(line -> line.split(" +")).forEach(words -> fields.put(words[0], words[1]));
        return fields;
    }

    private static Map<String, Tensor> tensors(String table) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        table.lines().map(line -> line.split(" +")).forEach(words -> tensors.put(words[0],
                new Tensor(words[1], words.length > 2 ? Lies.valueOf(words[2]) : Lies.SAME)));
        return tensors;
    }

    /** What Hugging Face's files have of a tensor; null where there is no such tensor. */
    @Nullable
    Tensor tensor(String inGguf) {
        int dot = inGguf.lastIndexOf('.');
        String kind = inGguf.substring(dot + 1);
        if (dot < 0 || !kind.equals("weight") && !kind.equals("bias")) {
            return null;
        }
        String path = inGguf.substring(0, dot);
        var layer = LAYER.matcher(path);
        Tensor tensor = layer.matches() ? tensors.get("blk.N." + layer.group(2)) : tensors.get(path);
        if (tensor == null) {
            return null;
        }
        String name = layer.matches() ? tensor.name.replace(".N.", "." + Integer.parseInt(layer.group(1)) + ".")
                : tensor.name;
        return new Tensor(name + "." + kind, tensor.lies);
    }
}
