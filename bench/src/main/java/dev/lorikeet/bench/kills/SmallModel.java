package dev.lorikeet.bench.kills;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.weights.Safetensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A BERT of one layer with random weights, that knows a few words: it is trained in milliseconds. */
public final class SmallModel {
    /** The size of the hidden states. */
    public static final int HIDDEN = 64;

    private static final int POSITIONS = 16;
    private static final String WEIGHTS = """
            embeddings.word_embeddings.weight %d 64
            embeddings.position_embeddings.weight %d 64
            embeddings.token_type_embeddings.weight 2 64
            embeddings.LayerNorm.weight 64
            embeddings.LayerNorm.bias 64
            encoder.layer.0.attention.self.query.weight 64 64
            encoder.layer.0.attention.self.query.bias 64
            encoder.layer.0.attention.self.key.weight 64 64
            encoder.layer.0.attention.self.key.bias 64
            encoder.layer.0.attention.self.value.weight 64 64
            encoder.layer.0.attention.self.value.bias 64
            encoder.layer.0.attention.output.dense.weight 64 64
            encoder.layer.0.attention.output.dense.bias 64
            encoder.layer.0.attention.output.LayerNorm.weight 64
            encoder.layer.0.attention.output.LayerNorm.bias 64
            encoder.layer.0.intermediate.dense.weight 64 64
            encoder.layer.0.intermediate.dense.bias 64
            encoder.layer.0.output.dense.weight 64 64
            encoder.layer.0.output.dense.bias 64
            encoder.layer.0.output.LayerNorm.weight 64
            encoder.layer.0.output.LayerNorm.bias 64
            """;

    private SmallModel() {}

    /** Writes it as a Hugging Face directory: config.json, tokenizer.json and model.safetensors. */
    public static void write(Path directory, List<String> words) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        Stream.concat(Stream.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), words.stream())
                .forEach(token -> ids.put(token, ids.size()));
        AtomicFile.write(directory.resolve("config.json"), """
                {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": %d, "hidden_size": 64,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64,
                 "max_position_embeddings": %d, "type_vocab_size": 2, "pad_token_id": 0}
                """.formatted(ids.size(), POSITIONS));
        AtomicFile.write(directory.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "decoder": null,
                 "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                  "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": %s}}
                """.formatted(Json.write(ids)));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        WEIGHTS.formatted(ids.size(), POSITIONS).lines().map(line -> line.split(" ")).forEach(parts -> {
            Tensor tensor = Tensor.zeros(Arrays.stream(parts).skip(1).mapToInt(Integer::parseInt).toArray());
            Random.fillNormal(tensor, 0.5f, Random.key(1, parts[0]));
            tensors.put(parts[0], tensor);
        });
        Safetensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }
}
