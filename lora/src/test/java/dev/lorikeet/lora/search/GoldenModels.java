package dev.lorikeet.lora.search;

import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The models of {@link GoldenRuns}, as Hugging Face directories: two layers with random weights and ten tokens. Their
 * sizes are no powers of two, and one of them is above 128, where a product's sum begins another chain.
 */
final class GoldenModels {
    private static final String BERT = """
            {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": 10, "hidden_size": 44,
             "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 140, "hidden_act": "gelu",
             "max_position_embeddings": 12, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0}
            """;
    private static final String BERT_WEIGHTS = """
            embeddings.word_embeddings.weight 10 44
            embeddings.position_embeddings.weight 12 44
            embeddings.token_type_embeddings.weight 2 44
            embeddings.LayerNorm.weight 44
            embeddings.LayerNorm.bias 44
            """;
    private static final String BERT_LAYER = """
            encoder.layer.%1$d.attention.self.query.weight 44 44
            encoder.layer.%1$d.attention.self.query.bias 44
            encoder.layer.%1$d.attention.self.key.weight 44 44
            encoder.layer.%1$d.attention.self.key.bias 44
            encoder.layer.%1$d.attention.self.value.weight 44 44
            encoder.layer.%1$d.attention.self.value.bias 44
            encoder.layer.%1$d.attention.output.dense.weight 44 44
            encoder.layer.%1$d.attention.output.dense.bias 44
            encoder.layer.%1$d.attention.output.LayerNorm.weight 44
            encoder.layer.%1$d.attention.output.LayerNorm.bias 44
            encoder.layer.%1$d.intermediate.dense.weight 140 44
            encoder.layer.%1$d.intermediate.dense.bias 140
            encoder.layer.%1$d.output.dense.weight 44 140
            encoder.layer.%1$d.output.dense.bias 44
            encoder.layer.%1$d.output.LayerNorm.weight 44
            encoder.layer.%1$d.output.LayerNorm.bias 44
            """;
    private static final String LLAMA = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 10, "hidden_size": 40,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 136,
             "max_position_embeddings": 12, "tie_word_embeddings": false}
            """;
    private static final String LLAMA_WEIGHTS = """
            model.embed_tokens.weight 10 40
            model.norm.weight 40
            lm_head.weight 10 40
            """;
    private static final String LLAMA_LAYER = """
            model.layers.%1$d.input_layernorm.weight 40
            model.layers.%1$d.self_attn.q_proj.weight 40 40
            model.layers.%1$d.self_attn.k_proj.weight 20 40
            model.layers.%1$d.self_attn.v_proj.weight 20 40
            model.layers.%1$d.self_attn.o_proj.weight 40 40
            model.layers.%1$d.post_attention_layernorm.weight 40
            model.layers.%1$d.mlp.gate_proj.weight 136 40
            model.layers.%1$d.mlp.up_proj.weight 136 40
            model.layers.%1$d.mlp.down_proj.weight 40 136
            """;

    private GoldenModels() {}

    /** An encoder with the tokenizer of {@link TinyBert}. */
    static void writeBert(Path directory) {
        TinyBert.write(directory, 1);
        write(directory, BERT, BERT_WEIGHTS + BERT_LAYER.formatted(0) + BERT_LAYER.formatted(1));
    }

    static void writeLlama(Path directory) {
        write(directory, LLAMA, LLAMA_WEIGHTS + LLAMA_LAYER.formatted(0) + LLAMA_LAYER.formatted(1));
    }

    private static void write(Path directory, String config, String weights) {
        Map<String, Tensor> tensors = new TreeMap<>();
        weights.lines().map(line -> line.split(" ")).forEach(words -> tensors.put(words[0], tensor(words[0],
                Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray())));
        try {
            Files.writeString(directory.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    private static Tensor tensor(String name, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 0.2f, Random.key(1, name));
        if (name.toLowerCase(Locale.ROOT).endsWith("norm.weight")) {
            for (int i = 0; i < tensor.size(); i++) {
                tensor.data()[i] += 1;
            }
        }
        return tensor;
    }
}
