package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.PoolingFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands beside a whole model for sentence-transformers to open the directory with the same pooling:
 * {@code modules.json}, {@code 1_Pooling/config.json} and {@code sentence_bert_config.json}.
 */
final class SentenceTransformersFiles {
    private SentenceTransformersFiles() {}

    /** Writes them into the directory of {@code model}, where the head is one for embeddings. */
    static void write(TaskModel<?, ?, ?> model, Path directory) {
        if (!(model.head() instanceof EmbeddingHead head)) {
            return;
        }
        List<Map<String, Object>> modules = new ArrayList<>();
        modules.add(module(modules.size(), "", "Transformer"));
        modules.add(module(modules.size(), PoolingFile.FOLDER, "Pooling"));
        if (head.normalizes()) {
            modules.add(module(modules.size(), "2_Normalize", "Normalize"));
        }
        AtomicFile.write(directory.resolve("modules.json"), Json.write(modules));
        PoolingFile.write(directory, head.pooling(), model.backbone().config().hiddenSize());
        Map<String, Object> texts = new LinkedHashMap<>();
        texts.put("max_seq_length", model.backbone().maxTokens());
        texts.put("do_lower_case", false); // the tokenizer's own business
        AtomicFile.write(directory.resolve("sentence_bert_config.json"), Json.write(texts));
    }

    private static Map<String, Object> module(int number, String path, String type) {
        Map<String, Object> module = new LinkedHashMap<>();
        module.put("idx", number);
        module.put("name", Integer.toString(number));
        module.put("path", path);
        module.put("type", "sentence_transformers.models." + type);
        return module;
    }
}
