package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that have a part to play, as {@code special_tokens_map} of transformers' tokenizers has them.
 *
 * @param names what each is called, by its part: {@code bos_token}, {@code eos_token}, {@code unk_token},
 *     {@code sep_token}, {@code pad_token}, {@code cls_token}, {@code mask_token}; those that there are
 */
public record SpecialTokensMap(Map<String, String> names) {
    private static final List<String> PARTS = List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
            "cls_token", "mask_token");
    /** As GGUF files call those parts, which spell one of them so. */
    static final Map<String, String> IN_GGUF = Map.of("bos_token", "bos", "eos_token", "eos", "unk_token",
            "unknown", "sep_token", "seperator", "pad_token", "padding", "cls_token", "cls", "mask_token", "mask");

    public SpecialTokensMap {
        names = Map.copyOf(names);
    }

    /**
     * Those of a Hugging Face directory: of {@code tokenizer_config.json}, and what it leaves out of
     * {@code special_tokens_map.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException if a file is not valid, or a token is no text
     */
    public static SpecialTokensMap ofDirectory(Path directory) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            Path path = directory.resolve(file);
            if (Files.exists(path)) {
                JsonObject config = JsonObject.read(path);
                PARTS.stream().filter(config::has).forEach(part -> names.putIfAbsent(part, name(config, part, "")));
            }
        }
        return new SpecialTokensMap(names);
    }

    /** What {@code tokenizer_config.json} calls a part: by its name, or by all that there is to say of such a token. */
    static String name(JsonObject config, String part, String whenAbsent) {
        return config.fields().get(part) instanceof Map<?, ?> ? config.object(part).string("content")
                : config.string(part, whenAbsent);
    }

    /**
     * Those of the vocabulary inside of a GGUF file.
     *
     * @param metadata of the file, which is open
     * @throws dev.lorikeet.transformer.io.InputException if a number is that of no token
     */
    public static SpecialTokensMap of(GgufMetadata metadata) {
        Map<String, String> names = new LinkedHashMap<>();
        List<String> tokens = metadata.has("tokenizer.ggml.tokens") ? metadata.strings("tokenizer.ggml.tokens")
                : List.of();
        IN_GGUF.forEach((part, name) -> {
            String key = "tokenizer.ggml." + name + "_token_id";
            if (metadata.has(key)) {
                int id = metadata.integer(key);
                if (id < 0 || id >= tokens.size()) {
                    throw metadata.error(key, id + " is none of the " + tokens.size() + " tokens");
                }
                names.put(part, tokens.get(id));
            }
        });
        return new SpecialTokensMap(names);
    }

    /** The token that ends a text, null where there is none. */
    public @Nullable String end() {
        return names.get("eos_token");
    }
}
