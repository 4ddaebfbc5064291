package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What older directories of GPT-2 and RoBERTa have in place of {@code tokenizer.json}: {@code vocab.json}, the ids of
 * tokens, {@code merges.txt}, a merge on each line, and perhaps {@code tokenizer_config.json}. From these, the
 * {@code tokenizer.json} that transformers makes of them.
 */
final class Gpt2Vocabulary {
    private static final int MAX_BYTES = 64 << 20;
    private static final String END_OF_TEXT = "<|endoftext|>";
    private static final Set<String> GPT2 = Set.of("GPT2Tokenizer", "GPT2TokenizerFast");
    private static final Set<String> ROBERTA = Set.of("RobertaTokenizer", "RobertaTokenizerFast");

    private final JsonObject vocab;
    private final JsonObject config;
    private final boolean roberta;
    private final boolean prefixSpace;

    private Gpt2Vocabulary(Path directory) {
        this.vocab = JsonObject.read(directory.resolve("vocab.json"));
        Path configFile = directory.resolve("tokenizer_config.json");
        this.config = Files.exists(configFile) ? JsonObject.read(configFile) : new JsonObject(configFile, "", Map.of());
        String type = config.string("tokenizer_class", "GPT2Tokenizer");
        this.roberta = ROBERTA.contains(type);
        if (!roberta && !GPT2.contains(type)) {
            throw config.error("tokenizer_class",
                    "beside vocab.json, GPT2Tokenizer or RobertaTokenizer is expected, not \"" + type + "\"");
        }
        this.prefixSpace = config.flag("add_prefix_space", false);
        Path added = directory.resolve("added_tokens.json");
        if (Files.exists(added) && !JsonObject.read(added).fields().isEmpty()) {
            throw new InputException(added, "tokens", "are not read beside vocab.json: a tokenizer.json is expected, "
                    + "as save_pretrained of a fast tokenizer writes it");
        }
    }

    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve("vocab.json")) && Files.exists(directory.resolve("merges.txt"));
    }

    /** The {@code tokenizer.json} of a directory that has none. */
    static JsonObject asTokenizer(Path directory) {
        return new Gpt2Vocabulary(directory).tokenizer(merges(directory.resolve("merges.txt")));
    }

    private static List<String> merges(Path file) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(InputFile.bytes(file, MAX_BYTES, "merges"))).toString();
            return text.lines().filter(line -> !line.isEmpty() && !line.startsWith("#version")).toList();
        } catch (CharacterCodingException e) {
            throw new InputException(file, "merges", "the text is not UTF-8");
        }
    }

    private JsonObject tokenizer(List<String> merges) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("vocab", vocab.fields());
        model.put("merges", merges);
        Map<String, Object> bytes = Map.of("type", "ByteLevel", "add_prefix_space", prefixSpace, "trim_offsets", false,
                "use_regex", true);
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("added_tokens", addedTokens());
        tokenizer.put("pre_tokenizer", bytes);
        tokenizer.put("post_processor", roberta ? robertaProcessing() : bytes);
        tokenizer.put("decoder", bytes);
        tokenizer.put("model", model);
        return new JsonObject(vocab.source(), "", tokenizer);
    }

    private Map<String, Object> robertaProcessing() {
        String cls = special("cls_token", "<s>");
        String sep = special("sep_token", "</s>");
        return Map.of("type", "RobertaProcessing", "sep", List.of(sep, vocab.integer(sep)), "cls",
                List.of(cls, vocab.integer(cls)), "trim_offsets", true, "add_prefix_space", prefixSpace);
    }

    private List<Object> addedTokens() {
        Set<String> names = new LinkedHashSet<>();
        names.add(special("bos_token", roberta ? "<s>" : END_OF_TEXT));
        names.add(special("eos_token", roberta ? "</s>" : END_OF_TEXT));
        names.add(special("unk_token", roberta ? "<unk>" : END_OF_TEXT));
        if (roberta || config.has("pad_token")) {
            names.add(special("pad_token", "<pad>"));
        }
        if (roberta) {
            names.add(special("mask_token", "<mask>"));
        }
        List<Object> added = new ArrayList<>();
        for (String name : names) {
            boolean mask = roberta && name.equals(special("mask_token", "<mask>"));
            added.add(AddedTokens.json(vocab.integer(name), name, mask, true));
        }
        return added;
    }

    private String special(String role, String whenAbsent) {
        return SpecialTokensMap.name(config, role, whenAbsent);
    }
}
