package dev.lorikeet.cli;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A task that takes milliseconds, as files: a BERT of two small layers with random weights, and sentences in which an
 * animal or a plant does something.
 */
record TinyTask(Path model, Path train, Path test, Path recipe) {
    static final int EPOCHS = 4;
    private static final int HIDDEN = 8;
    private static final int INTERMEDIATE = 12;
    private static final int POSITIONS = 16;
    private static final List<String> ANIMALS = List.of("cat", "dog", "fox");
    private static final List<String> NOUNS = List.of("cat", "dog", "fox", "oak", "elm", "fern");
    private static final List<String> VOCABULARY = Stream.concat(
            Stream.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "the", "sleeps", "grows", "waits"), NOUNS.stream())
            .toList();

    static TinyTask in(Path directory) throws IOException {
        TinyTask task = new TinyTask(directory.resolve("model"), directory.resolve("train.tsv"),
                directory.resolve("test.tsv"), directory.resolve("tiny.yaml"));
        writeModel(task.model, 1);
        Files.writeString(task.train, sentences("sleeps", "grows"));
        Files.writeString(task.test, sentences("waits"));
        Files.writeString(task.recipe, """
                model: model
                data: {train: train.tsv, test: test.tsv}
                training: {epochs: %d, batch-size: 6, adapter-rate: 0.02, head-rate: 0.1}
                """.formatted(EPOCHS));
        return task;
    }

    /** The command line that trains on this task. */
    String[] finetune(Path out, String... more) {
        Stream<String> own = Stream.of("finetune", "--recipe", recipe.toString(), "--out", out.toString());
        return Stream.concat(own, Arrays.stream(more)).toArray(String[]::new);
    }

    private static String sentences(String... verbs) {
        StringBuilder lines = new StringBuilder("text\tlabel\n");
        for (String verb : verbs) {
            for (String noun : NOUNS) {
                String label = ANIMALS.contains(noun) ? "animal" : "plant";
                for (String article : List.of("a ", "the ")) {
                    lines.append(article).append(noun).append(' ').append(verb).append('\t').append(label).append('\n');
                }
            }
        }
        return lines.toString();
    }

    /** Writes config.json, tokenizer.json and model.safetensors. */
    static void writeModel(Path directory, long seed) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("config.json"), """
                {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": %d, "hidden_size": %d,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": %d, "hidden_act": "gelu",
                 "max_position_embeddings": %d, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0}
                """.formatted(VOCABULARY.size(), HIDDEN, INTERMEDIATE, POSITIONS));
        Map<String, Integer> ids = new LinkedHashMap<>();
        VOCABULARY.forEach(token -> ids.put(token, ids.size()));
        Files.writeString(directory.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "decoder": null,
                 "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                  "strip_accents": null, "lowercase": true},
                 "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": %s}}
                """.formatted(Json.write(ids)));
        Safetensors.write(directory.resolve("model.safetensors"), weights(seed), Map.of("format", "pt"));
    }

    private static Map<String, Tensor> weights(long seed) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        put(tensors, seed, "embeddings.word_embeddings.weight", VOCABULARY.size(), HIDDEN);
        put(tensors, seed, "embeddings.position_embeddings.weight", POSITIONS, HIDDEN);
        put(tensors, seed, "embeddings.token_type_embeddings.weight", 2, HIDDEN);
        List<String> norms = new ArrayList<>(List.of("embeddings.LayerNorm"));
        for (String layer : List.of("encoder.layer.0.", "encoder.layer.1.")) {
            for (String name : List.of("self.query", "self.key", "self.value", "output.dense")) {
                linear(tensors, seed, layer + "attention." + name, HIDDEN, HIDDEN);
            }
            linear(tensors, seed, layer + "intermediate.dense", INTERMEDIATE, HIDDEN);
            linear(tensors, seed, layer + "output.dense", HIDDEN, INTERMEDIATE);
            norms.addAll(List.of(layer + "attention.output.LayerNorm", layer + "output.LayerNorm"));
        }
        for (String norm : norms) {
            put(tensors, seed, norm + ".weight", HIDDEN);
            put(tensors, seed, norm + ".bias", HIDDEN);
            Arrays.fill(tensors.get(norm + ".weight").data(), 1);
        }
        return tensors;
    }

    private static void linear(Map<String, Tensor> tensors, long seed, String path, int out, int in) {
        put(tensors, seed, path + ".weight", out, in);
        put(tensors, seed, path + ".bias", out);
    }

    private static void put(Map<String, Tensor> tensors, long seed, String name, int... shape) {
        Tensor tensor = Tensor.zeros(shape);
        Random.fillNormal(tensor, 0.5f, Random.key(seed, name));
        tensors.put(name, tensor);
    }
}
