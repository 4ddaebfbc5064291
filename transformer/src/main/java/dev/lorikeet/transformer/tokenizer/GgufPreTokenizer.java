package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a name under {@code tokenizer.ggml.pre} says of a byte-level vocabulary, in both directions.
 *
 * @param names that say it, first the one that is written
 * @param json the pre-tokenizer as {@code tokenizer.json} has it
 * @param composes whether texts are brought to NFC before
 * @param wholeWords whether a word of the vocabulary is taken whole even where no merge reaches it, and a text begins
 *     with BOS where the file does not say; both are so with Llama 3
 */
record GgufPreTokenizer(List<String> names, Map<String, Object> json, boolean composes, boolean wholeWords) {
    /** What {@code decoder} is, too. */
    static final Map<String, Object> BYTES = Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets",
            true, "use_regex", true);
    private static final Map<String, Object> BYTES_ALONE = Map.of("type", "ByteLevel", "add_prefix_space", false,
            "trim_offsets", true, "use_regex", false);

    private static final List<GgufPreTokenizer> ALL = List.of(
            new GgufPreTokenizer(List.of("gpt-2", "gpt2", "phi-2", "mpt", "roberta-bpe", "jina-en", "jina-es",
                    "jina-de"), BYTES, false, false),
            new GgufPreTokenizer(List.of("olmo"), BYTES, true, false),
            new GgufPreTokenizer(List.of("smollm", "starcoder", "refact", "codeshell"),
                    sequence(Map.of("type", "Digits", "individual_digits", true), BYTES), false, false),
            new GgufPreTokenizer(List.of("llama-bpe", "llama3", "llama-v3"),
                    sequence(split(WordPattern.LLAMA3_REGEX), BYTES_ALONE), false, true),
            new GgufPreTokenizer(List.of("qwen2"), sequence(split(WordPattern.QWEN2_REGEX), BYTES_ALONE), true,
                    false));

    private static Map<String, Object> sequence(Map<String, Object> first, Map<String, Object> second) {
        return Map.of("type", "Sequence", "pretokenizers", List.of(first, second));
    }

    private static Map<String, Object> split(String regex) {
        return Map.of("type", "Split", "pattern", Map.of("Regex", regex), "behavior", "Isolated", "invert", false);
    }

    /** By its name, where it is known. */
    static Optional<GgufPreTokenizer> named(String name) {
        return ALL.stream().filter(one -> one.names.contains(name)).findFirst();
    }

    /**
     * That of a {@code tokenizer.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it has no name
     */
    static GgufPreTokenizer of(JsonObject tokenizer) {
        List<String> parts = parts(tokenizer.object("pre_tokenizer"));
        return ALL.stream().filter(one -> parts(new JsonObject(tokenizer.source(), "", one.json)).equals(parts))
                .min(Comparator.comparing(one -> one.composes != composes(tokenizer)))
                .orElseThrow(() -> tokenizer.error("pre_tokenizer", "has no name in GGUF files, those of "
                        + String.join(", ", ALL.stream().map(one -> one.names.getFirst()).toList()) + " have"));
    }

    /** Whether a {@code tokenizer.json} brings texts to NFC, and does nothing else to them. */
    static boolean composes(JsonObject tokenizer) {
        return tokenizer.has("normalizer") && tokenizer.object("normalizer").string("type", "").equals("NFC");
    }

    /** What decides about the words, with what the library takes where a field is missing. */
    private static List<String> parts(JsonObject json) {
        return (json.string("type", "").equals("Sequence")
                ? json.objects("pretokenizers").stream().flatMap(part -> parts(part).stream())
                : Stream.of(part(json))).toList();
    }

    private static String part(JsonObject json) {
        String type = json.string("type", "");
        return type + switch (type) {
            case "ByteLevel" -> " " + json.flag("add_prefix_space", true) + " " + json.flag("use_regex", true);
            case "Digits" -> " " + json.flag("individual_digits", false);
            case "Split" -> " " + json.string("behavior") + " " + json.flag("invert", false) + " "
                    + json.object("pattern").string("Regex", "");
            default -> " " + Shown.value(json.fields());
        };
    }
}
