package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Models of one layer with random weights and a vocabulary of ten tokens, as Hugging Face directories. */
public final class TinyModel {
    public static final String GPT2 = """
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 10, "n_embd": 8, "n_layer": 1,
             "n_head": 2, "n_inner": 12, "n_positions": 6, "pad_token_id": 0}
            """;
    static final String LLAMA = """
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 10, "hidden_size": 8,
             "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 12,
             "max_position_embeddings": 6, "pad_token_id": 0}
            """;
    static final String ROBERTA = """
            {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "vocab_size": 10, "hidden_size": 8,
             "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12, "type_vocab_size": 1,
             "max_position_embeddings": 6, "pad_token_id": 1, "layer_norm_eps": 1e-5}
            """;
    private static final String GPT2_WEIGHTS = """
            wte.weight 10 8
            wpe.weight 6 8
            h.0.ln_1.weight 8
            h.0.ln_1.bias 8
            h.0.attn.c_attn.weight 8 24
            h.0.attn.c_attn.bias 24
            h.0.attn.c_proj.weight 8 8
            h.0.attn.c_proj.bias 8
            h.0.ln_2.weight 8
            h.0.ln_2.bias 8
            h.0.mlp.c_fc.weight 8 12
            h.0.mlp.c_fc.bias 12
            h.0.mlp.c_proj.weight 12 8
            h.0.mlp.c_proj.bias 8
            ln_f.weight 8
            ln_f.bias 8
            """;
    private static final String LLAMA_WEIGHTS = """
            embed_tokens.weight 10 8
            layers.0.input_layernorm.weight 8
            layers.0.self_attn.q_proj.weight 8 8
            layers.0.self_attn.k_proj.weight 4 8
            layers.0.self_attn.v_proj.weight 4 8
            layers.0.self_attn.o_proj.weight 8 8
            layers.0.post_attention_layernorm.weight 8
            layers.0.mlp.gate_proj.weight 12 8
            layers.0.mlp.up_proj.weight 12 8
            layers.0.mlp.down_proj.weight 8 12
            norm.weight 8
            """;

    private static final String MASKED_HEAD = """
            lm_head.dense.weight 8 8
            lm_head.dense.bias 8
            lm_head.layer_norm.weight 8
            lm_head.layer_norm.bias 8
            lm_head.bias 10
            """;

    private TinyModel() {}

    public static Map<String, Tensor> gpt2(String prefix) {
        return tensors(prefix, GPT2_WEIGHTS);
    }

    static Map<String, Tensor> llama(String prefix) {
        return tensors(prefix, LLAMA_WEIGHTS);
    }

    /** With its head of a masked language model. */
    static Map<String, Tensor> roberta() {
        Map<String, Tensor> tensors = new TreeMap<>();
        TinyBert.tensors().forEach((name, tensor) -> {
            if (!name.startsWith("encoder.layer.1.")) {
                tensors.put("roberta." + name, name.contains("token_type") ? tensor.rows(0, 1) : tensor);
            }
        });
        MASKED_HEAD.lines().forEach(line -> TinyBert.add(tensors, line));
        return tensors;
    }

    private static Map<String, Tensor> tensors(String prefix, String lines) {
        Map<String, Tensor> tensors = new TreeMap<>();
        lines.lines().forEach(line -> TinyBert.add(tensors, prefix + line));
        return tensors;
    }

    /** Writes {@code config} and {@code tensors} into {@code directory}. */
    public static void write(Path directory, String config, Map<String, Tensor> tensors) {
        try {
            Files.writeString(directory.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    static TaskModel<?, ?, ?> load(Path directory, String config, Map<String, Tensor> tensors) {
        write(directory, config, tensors);
        return TaskModel.of(Model.load(directory));
    }
}
