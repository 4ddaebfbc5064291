package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a GGUF file says of its tokens, as transformers reads it beside {@code tokenizer.json}: their parts and the chat
 * template in {@code tokenizer_config.json}, and all that end a text in {@code generation_config.json}.
 */
final class GgufTokenizerFiles {
    private GgufTokenizerFiles() {}

    static void write(ModelFiles.Gguf files, Path directory) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.putAll(new TreeMap<>(files.specialTokensMap().names()));
        Object most = files.config().fields().get("max_position_embeddings");
        if (most != null) {
            config.put("model_max_length", most);
        }
        config.put("clean_up_tokenization_spaces", false);
        ChatTemplate template = files.chatTemplate();
        if (template != null) {
            config.put("chat_template", template.source());
        }
        AtomicFile.write(directory.resolve("tokenizer_config.json"), Json.write(config));
        generation(files, directory);
    }

    /** Nothing where {@code config.json} says it all. */
    private static void generation(ModelFiles.Gguf files, Path directory) {
        Map<String, Object> fields = files.config().fields();
        List<Object> ends = new ArrayList<>();
        if (fields.get("eos_token_id") instanceof Integer end) {
            ends.add(end);
        }
        int known = ends.size();
        files.endTokens(files.tokenizer()).stream().filter(id -> !ends.contains(id)).forEach(ends::add);
        if (ends.size() > known) {
            Map<String, Object> generation = new LinkedHashMap<>();
            for (String name : List.of("bos_token_id", "pad_token_id")) {
                if (fields.get(name) instanceof Integer id) {
                    generation.put(name, id);
                }
            }
            generation.put("eos_token_id", ends);
            AtomicFile.write(directory.resolve("generation_config.json"), Json.write(generation));
        }
    }
}
