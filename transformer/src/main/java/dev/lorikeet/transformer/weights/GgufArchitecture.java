package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
 * @param more what makes the fields that are no key's value
 * @param tensors by the names in GGUF files without {@code .weight} or {@code .bias}, N for the number of a layer
 */
record GgufArchitecture(String name, String modelType, String className, Map<String, Object> constants,
        Map<String, String> fields, Consumer<GgufConfig> more, Map<String, Tensor> tensors) {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,6})\\.(.+)");

    /** How the numbers of a tensor lie in a GGUF file. */
    enum Lies {
        /** As in Hugging Face's. */
        SAME,
        /** The rows of each head of queries in pairs of neighbours, as interleaved rotary positions turn them. */
        HEADS,
        /** As {@link #HEADS}, of each head of keys. */
        KEY_HEADS,
        /** The rows of queries, keys and values one behind the other, which there are so in each head. */
        PARTS,
        /** Each number plus one. */
        PLUS_ONE,
        /** The transposed. */
        TURNED
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
    private static final String QWEN_TENSORS = LLAMA_TENSORS.replaceAll("(KEY_)?HEADS", "") + """
            blk.N.attn_q_norm  model.layers.N.self_attn.q_norm
            blk.N.attn_k_norm  model.layers.N.self_attn.k_norm
            """;
    private static final String GEMMA_TENSORS = """
            token_embd                 model.embed_tokens
            output_norm                model.norm                                  PLUS_ONE
            output                     lm_head
            blk.N.attn_norm            model.layers.N.input_layernorm              PLUS_ONE
            blk.N.attn_q               model.layers.N.self_attn.q_proj
            blk.N.attn_k               model.layers.N.self_attn.k_proj
            blk.N.attn_v               model.layers.N.self_attn.v_proj
            blk.N.attn_output          model.layers.N.self_attn.o_proj
            blk.N.attn_q_norm          model.layers.N.self_attn.q_norm             PLUS_ONE
            blk.N.attn_k_norm          model.layers.N.self_attn.k_norm             PLUS_ONE
            blk.N.post_attention_norm  model.layers.N.post_attention_layernorm     PLUS_ONE
            blk.N.ffn_norm             model.layers.N.pre_feedforward_layernorm    PLUS_ONE
            blk.N.post_ffw_norm        model.layers.N.post_feedforward_layernorm   PLUS_ONE
            blk.N.ffn_gate             model.layers.N.mlp.gate_proj
            blk.N.ffn_up               model.layers.N.mlp.up_proj
            blk.N.ffn_down             model.layers.N.mlp.down_proj
            """;
    private static final String PHI3_TENSORS = """
            token_embd         model.embed_tokens
            output_norm        model.norm
            output             lm_head
            blk.N.attn_norm    model.layers.N.input_layernorm
            blk.N.attn_qkv     model.layers.N.self_attn.qkv_proj
            blk.N.attn_output  model.layers.N.self_attn.o_proj
            blk.N.ffn_norm     model.layers.N.post_attention_layernorm
            blk.N.ffn_up       model.layers.N.mlp.gate_up_proj
            blk.N.ffn_down     model.layers.N.mlp.down_proj
            """;
    private static final String GPT2_TENSORS = """
            token_embd         transformer.wte
            position_embd      transformer.wpe
            output_norm        transformer.ln_f
            output             lm_head
            blk.N.attn_norm    transformer.h.N.ln_1
            blk.N.attn_qkv     transformer.h.N.attn.c_attn  TURNED
            blk.N.attn_output  transformer.h.N.attn.c_proj  TURNED
            blk.N.ffn_norm     transformer.h.N.ln_2
            blk.N.ffn_up       transformer.h.N.mlp.c_fc     TURNED
            blk.N.ffn_down     transformer.h.N.mlp.c_proj   TURNED
            """;
    private static final String GPTNEOX_TENSORS = """
            token_embd         gpt_neox.embed_in
            output_norm        gpt_neox.final_layer_norm
            output             embed_out
            blk.N.attn_norm    gpt_neox.layers.N.input_layernorm
            blk.N.attn_qkv     gpt_neox.layers.N.attention.query_key_value  PARTS
            blk.N.attn_output  gpt_neox.layers.N.attention.dense
            blk.N.ffn_norm     gpt_neox.layers.N.post_attention_layernorm
            blk.N.ffn_up       gpt_neox.layers.N.mlp.dense_h_to_4h
            blk.N.ffn_down     gpt_neox.layers.N.mlp.dense_4h_to_h
            """;
    private static final String BERT_TENSORS = """
            token_embd               embeddings.word_embeddings
            position_embd            embeddings.position_embeddings
            token_types              embeddings.token_type_embeddings
            token_embd_norm          embeddings.LayerNorm
            blk.N.attn_q             encoder.layer.N.attention.self.query
            blk.N.attn_k             encoder.layer.N.attention.self.key
            blk.N.attn_v             encoder.layer.N.attention.self.value
            blk.N.attn_output        encoder.layer.N.attention.output.dense
            blk.N.attn_output_norm   encoder.layer.N.attention.output.LayerNorm
            blk.N.ffn_up             encoder.layer.N.intermediate.dense
            blk.N.ffn_down           encoder.layer.N.output.dense
            blk.N.layer_output_norm  encoder.layer.N.output.LayerNorm
            """;
    private static final String GEMMA3_FIELDS = DECODER_FIELDS + """
            sliding_window           attention.sliding_window
            """;
    private static final String GEMMA2_FIELDS = GEMMA3_FIELDS + """
            attn_logit_softcapping   attn_logit_softcapping
            final_logit_softcapping  final_logit_softcapping
            """;
    private static final String GPT2_FIELDS = """
            n_embd              embedding_length
            n_layer             block_count
            n_head              attention.head_count
            n_inner             feed_forward_length
            n_positions         context_length
            layer_norm_epsilon  attention.layer_norm_epsilon
            """;
    private static final String BERT_FIELDS = """
            hidden_size              embedding_length
            num_hidden_layers        block_count
            num_attention_heads      attention.head_count
            intermediate_size        feed_forward_length
            max_position_embeddings  context_length
            layer_norm_eps           attention.layer_norm_epsilon
            """;
    private static final String GPTNEOX_FIELDS = BERT_FIELDS + """
            use_parallel_residual    use_parallel_residual
            """;

    private static final Map<String, Object> SILU = Map.of("hidden_act", "silu");
    private static final Map<String, Object> GELU = Map.of("hidden_activation", "gelu_pytorch_tanh");

    /** The layers of the largest Gemmas. */
    private static final Map<String, Integer> LARGEST = Map.of("gemma2", 46, "gemma3", 62);

    private static final List<GgufArchitecture> ALL = List.of(
            new GgufArchitecture("llama", "llama", "LlamaForCausalLM", SILU, DECODER_FIELDS, GgufConfig::llama,
                    LLAMA_TENSORS),
            new GgufArchitecture("qwen2", "qwen2", "Qwen2ForCausalLM", SILU, DECODER_FIELDS, GgufConfig::rotaryHeads,
                    QWEN_TENSORS),
            new GgufArchitecture("qwen3", "qwen3", "Qwen3ForCausalLM", SILU, DECODER_FIELDS, GgufConfig::rotaryHeads,
                    QWEN_TENSORS),
            new GgufArchitecture("gemma2", "gemma2", "Gemma2ForCausalLM", GELU, GEMMA2_FIELDS, GgufConfig::gemma2,
                    GEMMA_TENSORS),
            new GgufArchitecture("gemma3", "gemma3_text", "Gemma3ForCausalLM", GELU, GEMMA3_FIELDS, GgufConfig::gemma3,
                    GEMMA_TENSORS),
            new GgufArchitecture("phi3", "phi3", "Phi3ForCausalLM", SILU, GEMMA3_FIELDS, GgufConfig::rotaryHeads,
                    PHI3_TENSORS),
            new GgufArchitecture("gpt2", "gpt2", "GPT2LMHeadModel", Map.of("activation_function", "gelu_new"),
                    GPT2_FIELDS, _ -> {
                    }, GPT2_TENSORS),
            new GgufArchitecture("gptneox", "gpt_neox", "GPTNeoXForCausalLM", Map.of("hidden_act", "gelu"),
                    GPTNEOX_FIELDS, GgufConfig::rotaryHeads, GPTNEOX_TENSORS),
            new GgufArchitecture("bert", "bert", "BertModel", Map.of("hidden_act", "gelu"), BERT_FIELDS,
                    GgufConfig::bert, BERT_TENSORS));

    private GgufArchitecture(String name, String modelType, String className, Map<String, Object> constants,
            String fields, Consumer<GgufConfig> more, String tensors) {
        this(name, modelType, className, constants, fields(fields), more, tensors(tensors));
    }

    /** @throws dev.lorikeet.transformer.io.InputException if there is none */
    static GgufArchitecture of(GgufMetadata metadata) {
        String key = "general.architecture";
        String name = metadata.string(key);
        return ALL.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow(() -> metadata.error(key,
                "\"" + name + "\" is not one of " + String.join(", ", ALL.stream().map(GgufArchitecture::name)
                        .toList())));
    }

    /** That of this {@code model_type}. */
    static Optional<GgufArchitecture> find(JsonObject config) {
        String type = config.string("model_type");
        return ALL.stream().filter(one -> one.modelType.equals(type)).findFirst();
    }

    /** What is to be said where there is none of this {@code model_type}. */
    static InputException missing(JsonObject config) {
        return config.error("model_type", "\"" + config.string("model_type") + "\" has no GGUF files, these have: "
                + String.join(", ", ALL.stream().map(GgufArchitecture::modelType).toList()));
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

    /**
     * What scores are divided by the root of: the size of heads, but in the largest model of each kind hidden/heads, as
     * llama.cpp has it by the number of layers.
     */
    int scoreScale(int layers, int hidden, int heads, int headSize) {
        return LARGEST.getOrDefault(name, 0) == layers ? hidden / heads : headSize;
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

    /** What GGUF files have of a tensor of Hugging Face's; null where there is no such tensor. */
    @Nullable
    Tensor inGguf(String name) {
        int dot = name.lastIndexOf('.');
        String path = name.substring(0, Math.max(dot, 0));
        var number = Pattern.compile("\\.(\\d{1,6})\\.").matcher(path);
        String layer = number.find() ? number.group(1) : "";
        String generic = layer.isEmpty() ? path : path.replaceFirst("\\." + layer + "\\.", ".N.");
        return tensors.entrySet().stream().filter(entry -> entry.getValue().name.equals(generic)).findFirst()
                .map(entry -> new Tensor(entry.getKey().replace(".N.", "." + layer + ".") + name.substring(dot),
                        entry.getValue().lies))
                .orElse(null);
    }
}
