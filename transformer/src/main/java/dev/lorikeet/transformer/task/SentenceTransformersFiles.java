package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.Model;
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
    private static final String POOLING = "1_Pooling";

    private SentenceTransformersFiles() {}

    /** Writes them into the directory of {@code model}, where the head is one for embeddings. */
    static void write(TaskModel<?, ?, ?> model, Path directory) {
        if (!(model.head() instanceof EmbeddingHead head)) {
            return;
        }
        List<Map<String, Object>> modules = new ArrayList<>();
        modules.add(module(modules.size(), "", "Transformer"));
        modules.add(module(modules.size(), POOLING, "Pooling"));
        if (head.normalizes()) {
            modules.add(module(modules.size(), "2_Normalize", "Normalize"));
        }
        AtomicFile.write(directory.resolve("modules.json"), Json.write(modules));
        AtomicFile.write(directory.resolve(POOLING).resolve("config.json"), Json.write(pooling(head, model.model())));
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

    private static Map<String, Object> pooling(EmbeddingHead head, Model model) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("word_embedding_dimension", model.backbone().config().hiddenSize());
        fields.put("pooling_mode_cls_token", head.pooling() == Pooling.CLS);
        fields.put("pooling_mode_mean_tokens", head.pooling() == Pooling.MEAN);
        fields.put("pooling_mode_max_tokens", false);
        fields.put("pooling_mode_mean_sqrt_len_tokens", false);
        fields.put("pooling_mode_lasttoken", head.pooling() == Pooling.LAST_TOKEN);
        return fields;
    }
}
