package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What older BERT directories have in place of {@code tokenizer.json}: {@code vocab.txt}, a token on each line, whose
 * number is its id, and perhaps {@code tokenizer_config.json}. From both, the {@code tokenizer.json} that transformers
 * makes of them.
 */
final class BertVocabulary {
    private static final int MAX_BYTES = 64 << 20;
    private static final Set<String> CLASSES = Set.of("BertTokenizer", "BertTokenizerFast");
    private static final List<String> SPECIAL = List.of("pad_token", "unk_token", "cls_token", "sep_token",
            "mask_token");

    private final Path file;
    private final Map<String, Object> ids = new LinkedHashMap<>();
    private final JsonObject config;

    private BertVocabulary(Path directory) {
        this.file = directory.resolve("vocab.txt");
        Path configFile = directory.resolve("tokenizer_config.json");
        this.config = Files.exists(configFile) ? JsonObject.read(configFile) : new JsonObject(configFile, "", Map.of());
        requireBert(directory);
        List<String> lines = new ArrayList<>(Arrays.asList(content().split("\r?\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        for (int i = 0; i < lines.size(); i++) {
            ids.put(lines.get(i), i); // of a token that stands there twice, the last line counts
        }
    }

    /** The {@code tokenizer.json} of a directory that has none. */
    static JsonObject asTokenizer(Path directory) {
        return new BertVocabulary(directory).tokenizer();
    }

    /** Refuses what would change the ids and is not done here. */
    private void requireBert(Path directory) {
        String type = config.string("tokenizer_class", "BertTokenizer");
        if (!CLASSES.contains(type)) {
            throw config.error("tokenizer_class", "beside vocab.txt, BertTokenizer is expected, not \"" + type + "\"");
        }
        if (!config.flag("do_basic_tokenize", true)) {
            throw config.error("do_basic_tokenize", "only true is supported");
        }
        if (config.has("never_split")) {
            throw config.error("never_split", "is not supported");
        }
        Path added = directory.resolve("added_tokens.json");
        if (Files.exists(added) && !JsonObject.read(added).fields().isEmpty()) {
            throw new InputException(added, "tokens",
                    "are not read beside vocab.txt: a tokenizer.json is expected, as save_pretrained of a fast "
                            + "tokenizer writes it");
        }
    }

    private String content() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InputException(file, "size", "vocabularies over 64 MiB are not read");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw new InputException(file, "tokens", "the text is not UTF-8");
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e.getMessage());
        }
    }

    private JsonObject tokenizer() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "WordPiece");
        model.put("unk_token", special("unk_token"));
        model.put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", 100);
        model.put("vocab", ids);
        Map<String, Object> processor = new LinkedHashMap<>();
        processor.put("type", "BertProcessing");
        processor.put("cls", List.of(special("cls_token"), id("cls_token")));
        processor.put("sep", List.of(special("sep_token"), id("sep_token")));
        List<Object> added = new ArrayList<>();
        for (String role : SPECIAL) {
            if (ids.containsKey(special(role)) && added.stream().noneMatch(token -> has(token, special(role)))) {
                added.add(AddedTokens.json(id(role), special(role), false, true));
            }
        }
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("added_tokens", added);
        tokenizer.put("normalizer", normalizer());
        tokenizer.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        tokenizer.put("post_processor", processor);
        tokenizer.put("model", model);
        return new JsonObject(file, "", tokenizer);
    }

    private static boolean has(Object token, String content) {
        return token instanceof Map<?, ?> map && content.equals(map.get("content"));
    }

    private Map<String, Object> normalizer() {
        Map<String, Object> normalizer = new LinkedHashMap<>();
        normalizer.put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put("handle_chinese_chars", config.flag("tokenize_chinese_chars", true));
        normalizer.put("lowercase", config.flag("do_lower_case", true));
        if (config.has("strip_accents")) {
            normalizer.put("strip_accents", config.flag("strip_accents"));
        }
        return normalizer;
    }

    /** The name of a special token: {@code [CLS]} of {@code cls_token}, if the configuration says no other. */
    private String special(String role) {
        String name = "[" + role.substring(0, role.indexOf('_')).toUpperCase(Locale.ROOT) + "]";
        return SpecialTokensMap.name(config, role, name);
    }

    private int id(String role) {
        if (ids.get(special(role)) instanceof Integer id) {
            return id;
        }
        throw new InputException(file, role, "\"" + special(role) + "\" is not among the tokens");
    }
}
