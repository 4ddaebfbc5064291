package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A BERT of two layers with random weights and a vocabulary of ten words, as a Hugging Face directory. */
public final class TinyBert {
    static final String CONFIG = """
            {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": 10, "hidden_size": 8,
             "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12, "hidden_act": "gelu",
             "max_position_embeddings": 6, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0}
            """;
    private static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
              "strip_accents": null, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
             "decoder": {"type": "WordPiece"},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4,
               "cat": 5, "dog": 6, "sits": 7, "runs": 8, "##s": 9}}}
            """;
    private static final String EMBEDDINGS = """
            embeddings.word_embeddings.weight 10 8
            embeddings.position_embeddings.weight 6 8
            embeddings.token_type_embeddings.weight 2 8
            embeddings.LayerNorm.weight 8
            embeddings.LayerNorm.bias 8
            """;
    private static final String LAYER = """
            attention.self.query.weight 8 8
            attention.self.query.bias 8
            attention.self.key.weight 8 8
            attention.self.key.bias 8
            attention.self.value.weight 8 8
            attention.self.value.bias 8
            attention.output.dense.weight 8 8
            attention.output.dense.bias 8
            attention.output.LayerNorm.weight 8
            attention.output.LayerNorm.bias 8
            intermediate.dense.weight 12 8
            intermediate.dense.bias 12
            output.dense.weight 8 12
            output.dense.bias 8
            output.LayerNorm.weight 8
            output.LayerNorm.bias 8
            """;

    private TinyBert() {}

    /** Writes the model into {@code directory} and loads it from there. */
    public static Model load(Path directory) {
        write(directory, tensors());
        return Model.load(directory);
    }

    static void write(Path directory, Map<String, Tensor> tensors) {
        try {
            Files.writeString(directory.resolve("config.json"), CONFIG);
            Files.writeString(directory.resolve("tokenizer.json"), TOKENIZER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    /** What model.safetensors holds. */
    static Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new TreeMap<>();
        EMBEDDINGS.lines().forEach(line -> add(tensors, line));
        for (int i = 0; i < 2; i++) {
            String path = "encoder.layer." + i + ".";
            LAYER.lines().forEach(line -> add(tensors, path + line));
        }
        return tensors;
    }

    /** @param line a name and its dimensions */
    static void add(Map<String, Tensor> tensors, String line) {
        String[] parts = line.split(" ");
        Tensor tensor = Tensor.zeros(Arrays.stream(parts).skip(1).mapToInt(Integer::parseInt).toArray());
        Random.fillNormal(tensor, parts[0].contains("word_embeddings") ? 1f : 0.2f, Random.key(1, parts[0]));
        if (parts[0].endsWith("LayerNorm.weight")) {
            for (int i = 0; i < tensor.size(); i++) {
                tensor.data()[i] += 1;
            }
        }
        tensors.put(parts[0], tensor);
    }
}
