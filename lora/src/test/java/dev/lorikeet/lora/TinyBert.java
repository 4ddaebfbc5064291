package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.BertModel;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A BERT of three layers with random weights and a vocabulary of ten words, as a Hugging Face directory. */
public final class TinyBert {
    private static final int HIDDEN = 16;
    private static final int INTERMEDIATE = 24;
    private static final List<String> VOCABULARY = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog",
            "sits", "runs", "##s");
    public static final Batch BATCH = Batch.of(List.of(new int[] {2, 5, 7, 3}, new int[] {2, 6, 8, 9, 1, 3}));

    private TinyBert() {}

    /** The last hidden states of {@link #BATCH}. */
    static Tensor hidden(BertModel model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, BATCH).value().copy();
        }
    }

    static BertModel load(Path directory, long seed) {
        write(directory, seed);
        return (BertModel) Model.load(directory).backbone();
    }

    /** Writes config.json, model.safetensors and tokenizer.json. */
    public static void write(Path directory, long seed) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        add(tensors, seed, "embeddings.word_embeddings", VOCABULARY.size(), HIDDEN);
        add(tensors, seed, "embeddings.position_embeddings", 12, HIDDEN);
        add(tensors, seed, "embeddings.token_type_embeddings", 2, HIDDEN);
        norm(tensors, seed, "embeddings.LayerNorm");
        for (int i = 0; i < 3; i++) {
            String layer = "encoder.layer." + i + ".";
            for (String name : List.of("attention.self.query", "attention.self.key", "attention.self.value",
                    "attention.output.dense")) {
                linear(tensors, seed, layer + name, HIDDEN, HIDDEN);
            }
            linear(tensors, seed, layer + "intermediate.dense", INTERMEDIATE, HIDDEN);
            linear(tensors, seed, layer + "output.dense", HIDDEN, INTERMEDIATE);
            norm(tensors, seed, layer + "attention.output.LayerNorm");
            norm(tensors, seed, layer + "output.LayerNorm");
        }
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        try {
            Files.writeString(directory.resolve("config.json"), """
                    {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": %d, "hidden_size": %d,
                     "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": %d, "hidden_act": "gelu",
                     "max_position_embeddings": 12, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0}
                    """.formatted(VOCABULARY.size(), HIDDEN, INTERMEDIATE));
            Files.writeString(directory.resolve("tokenizer.json"), tokenizer());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void linear(Map<String, Tensor> tensors, long seed, String path, int out, int in) {
        add(tensors, seed, path, out, in);
        tensors.put(path + ".bias", normal(Random.key(seed, path + ".bias"), out));
    }

    private static void norm(Map<String, Tensor> tensors, long seed, String path) {
        Tensor weight = normal(Random.key(seed, path), HIDDEN);
        for (int i = 0; i < HIDDEN; i++) {
            weight.data()[i] += 1;
        }
        tensors.put(path + ".weight", weight);
        tensors.put(path + ".bias", normal(Random.key(seed, path + ".bias"), HIDDEN));
    }

    private static void add(Map<String, Tensor> tensors, long seed, String path, int rows, int columns) {
        tensors.put(path + ".weight", normal(Random.key(seed, path), rows, columns));
    }

    private static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 0.2f, key);
        return tensor;
    }

    private static String tokenizer() {
        StringBuilder special = new StringBuilder();
        StringBuilder vocabulary = new StringBuilder();
        for (int i = 0; i < VOCABULARY.size(); i++) {
            String word = VOCABULARY.get(i);
            vocabulary.append(i == 0 ? "" : ", ").append('"').append(word).append("\": ").append(i);
            if (word.startsWith("[")) {
                special.append(i == 0 ? "" : ", ").append("""
                        {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false,
                         "normalized": false, "special": true}""".formatted(i, word));
            }
        }
        return """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
                 "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                  "strip_accents": null, "lowercase": true},
                 "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": {"type": "TemplateProcessing",
                  "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                  "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}},
                   {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
                  "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                   "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
                 "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {%s}}}
                """.formatted(special, vocabulary);
    }
}
