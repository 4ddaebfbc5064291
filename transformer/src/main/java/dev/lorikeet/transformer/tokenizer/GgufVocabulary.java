package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufMetadata;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The vocabulary inside of a GGUF file, as the {@code tokenizer.json} that the same model has: what the file leaves out
 * follows from the kind of its vocabulary and from the name of its pre-tokenizer, as in llama.cpp.
 */
final class GgufVocabulary {
    static final String PREFIX = "tokenizer.ggml.";
    static final int UNKNOWN = 2; // the types of tokens
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final String MARK = "\u2581";
    static final int LONGEST = 256; // chars of a token whose merges are to be found

    /** Where this says {@code phi-3} or {@code phi3}, llama.cpp has tokens that take the spaces behind them along. */
    static final String NAME = "general.name";
    private static final Pattern PHI3 = Pattern.compile("(?is).*phi-?3.*");
    /** The special tokens of Phi-3 that do not. */
    private static final Set<String> PLAIN_IN_PHI3 = Set.of("<unk>", "<s>", "<|endoftext|>");

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final int[] types;
    private final Map<String, Object> ids = new LinkedHashMap<>();

    private GgufVocabulary(GgufMetadata metadata) {
        this.metadata = metadata;
        this.tokens = metadata.strings(PREFIX + "tokens");
        this.types = metadata.has(PREFIX + "token_type") ? metadata.integers(PREFIX + "token_type")
                : new int[tokens.size()];
        if (types.length != tokens.size()) {
            throw metadata.error(PREFIX + "token_type", types.length + " types for " + tokens.size() + " tokens");
        }
    }

    static JsonObject asTokenizer(GgufMetadata metadata) {
        return new GgufVocabulary(metadata).tokenizer();
    }

    static boolean isIn(GgufMetadata metadata) {
        return metadata.has(PREFIX + "model");
    }

    /** Whether a special token of Phi-3 takes the spaces behind it along. */
    static boolean takesSpaces(String content) {
        return !PLAIN_IN_PHI3.contains(content);
    }

    /** Every object with its names in order, so that it is the same bytes in every JVM, unlike {@link Map#of}. */
    static Object sorted(Object json) {
        if (json instanceof Map<?, ?> fields) {
            Map<Object, Object> sorted = new TreeMap<>();
            fields.forEach((name, value) -> sorted.put(name, sorted(value)));
            return sorted;
        }
        return json instanceof List<?> values ? values.stream().map(GgufVocabulary::sorted).toList() : json;
    }

    private JsonObject tokenizer() {
        String kind = metadata.string(PREFIX + "model");
        Map<String, Object> tokenizer = switch (kind) {
            case "gpt2" -> byteLevel(metadata.string(PREFIX + "pre"));
            case "llama" -> sentencePiece();
            case "bert" -> wordPiece();
            default -> throw metadata.error(PREFIX + "model", kind + " is not supported, gpt2, llama and bert are");
        };
        tokenizer.put("added_tokens", addedTokens());
        return new JsonObject(metadata.file(), "", tokenizer);
    }

    private Map<String, Object> byteLevel(String name) {
        GgufPreTokenizer pre = GgufPreTokenizer.named(name).orElseThrow(() -> metadata.error(PREFIX + "pre", name
                + " is not supported"));
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        if (pre.composes()) {
            tokenizer.put("normalizer", Map.of("type", "NFC"));
        }
        tokenizer.put("pre_tokenizer", pre.json());
        tokenizer.put("post_processor", template(pre.wholeWords(), 0));
        tokenizer.put("decoder", GgufPreTokenizer.BYTES);
        tokenizer.put("model", model(metadata.strings(PREFIX + "merges"), Map.of("ignore_merges",
                pre.wholeWords())));
        return tokenizer;
    }

    private Map<String, Object> model(List<?> merges, Map<String, Object> more) {
        Map<String, Object> model = new LinkedHashMap<>(more);
        model.put("type", "BPE");
        model.put("vocab", ids());
        model.put("merges", merges);
        return model;
    }

    /** Once the tokens are as Hugging Face's file has them. */
    private Map<String, Object> ids() {
        if (ids.isEmpty()) {
            for (int id = 0; id < tokens.size(); id++) {
                ids.putIfAbsent(tokens.get(id), id);
            }
        }
        return ids;
    }

    private Map<String, Object> sentencePiece() {
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        boolean prefixed = metadata.flag(PREFIX + "add_space_prefix", true);
        tokenizer.put("normalizer", spaceMarks(prefixed));
        tokenizer.put("post_processor", template(true, 0));
        tokenizer.put("decoder", spaces(prefixed));
        if (tokens.stream().anyMatch(token -> token.length() > LONGEST)) {
            throw metadata.error(PREFIX + "tokens", "one is longer than " + LONGEST + " characters");
        }
        Map<String, Object> more = new LinkedHashMap<>(Map.of("fuse_unk", true, "byte_fallback", true));
        more.put("unk_token", tokens.get(requireId("unknown_token_id", 0)));
        tokenizer.put("model", model(ScoredMerges.of(tokens, scores()), more));
        return tokenizer;
    }

    /** Of SentencePiece's vocabularies: a mark for each space, and one more where texts begin with one. */
    static Map<String, Object> spaceMarks(boolean prefixed) {
        Map<String, Object> spaces = Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", MARK);
        return prefixed ? Map.of("type", "Sequence", "normalizers",
                List.of(Map.of("type", "Prepend", "prepend", MARK), spaces)) : spaces;
    }

    /** The way back. */
    static Map<String, Object> spaces(boolean prefixed) {
        List<Map<String, Object>> decoders = new ArrayList<>(List.of(
                Map.of("type", "Replace", "pattern", Map.of("String", MARK), "content", " "),
                Map.of("type", "ByteFallback"), Map.of("type", "Fuse")));
        if (prefixed) {
            decoders.add(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
        }
        return Map.of("type", "Sequence", "decoders", decoders);
    }

    private float[] scores() {
        float[] scores = metadata.numbers(PREFIX + "scores");
        if (scores.length != tokens.size()) {
            throw metadata.error(PREFIX + "scores", scores.length + " scores for " + tokens.size() + " tokens");
        }
        return scores;
    }

    /** Words begin with the mark where Hugging Face's files have what is inside of words begin with {@code ##}. */
    private Map<String, Object> wordPiece() {
        for (int id = 0; id < tokens.size(); id++) {
            if (types[id] != CONTROL && types[id] != UNKNOWN) {
                String token = tokens.get(id);
                tokens.set(id, token.startsWith(MARK) ? token.substring(1) : "##" + token);
            }
        }
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("normalizer", Map.of("type", "BertNormalizer", "clean_text", true, "handle_chinese_chars", true,
                "lowercase", true));
        tokenizer.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        int cls = requireId(metadata.has(PREFIX + "cls_token_id") ? "cls_token_id" : "bos_token_id", 101);
        int sep = requireId(metadata.has(PREFIX + "seperator_token_id") ? "seperator_token_id" // as llama.cpp spells it
                : "eos_token_id", 102);
        tokenizer.put("post_processor", Map.of("type", "BertProcessing", "cls", List.of(tokens.get(cls), cls), "sep",
                List.of(tokens.get(sep), sep)));
        tokenizer.put("decoder", Map.of("type", "WordPiece", "prefix", "##", "cleanup", true));
        tokenizer.put("model", Map.of("type", "WordPiece", "unk_token",
                tokens.get(requireId("unknown_token_id", 100)), "continuing_subword_prefix", "##",
                "max_input_chars_per_word", 100, "vocab", ids()));
        return tokenizer;
    }

    /** Begins a text with BOS and ends it with EOS, where the file wants it. */
    private Map<String, Object> template(boolean bosByDefault, int whenAbsent) {
        List<Object> single = new ArrayList<>();
        List<Object> pair = new ArrayList<>();
        Map<String, Object> special = new LinkedHashMap<>();
        for (int text = 0; text < 2; text++) {
            List<Object> pieces = new ArrayList<>();
            if (metadata.flag(PREFIX + "add_bos_token", bosByDefault)) {
                pieces.add(special(requireId("bos_token_id", whenAbsent), text, special));
            }
            pieces.add(Map.of("Sequence", Map.of("id", text == 0 ? "A" : "B", "type_id", text)));
            if (metadata.flag(PREFIX + "add_eos_token", false)) {
                pieces.add(special(requireId("eos_token_id", whenAbsent), text, special));
            }
            single.addAll(text == 0 ? pieces : List.of());
            pair.addAll(pieces);
        }
        return Map.of("type", "TemplateProcessing", "single", single, "pair", pair, "special_tokens", special);
    }

    private Map<String, Object> special(int id, int type, Map<String, Object> specialTokens) {
        String token = tokens.get(id);
        specialTokens.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token)));
        return Map.of("SpecialToken", Map.of("id", token, "type_id", type));
    }

    private int requireId(String key, int whenAbsent) {
        int id = metadata.integer(PREFIX + key, whenAbsent);
        if (id < 0 || id >= tokens.size()) {
            throw metadata.error(PREFIX + key, id + " is not among the " + tokens.size() + " tokens");
        }
        return id;
    }

    private List<Object> addedTokens() {
        List<Object> added = new ArrayList<>();
        boolean phi3 = PHI3.matcher(metadata.string(NAME, "")).matches();
        for (int id = 0; id < types.length; id++) {
            boolean special = types[id] == CONTROL || types[id] == UNKNOWN;
            if ((special || types[id] == USER_DEFINED) && Objects.equals(ids().get(tokens.get(id)), id)
                    && !tokens.get(id).isEmpty()) {
                added.add(AddedTokens.json(id, tokens.get(id), false, phi3 && takesSpaces(tokens.get(id)), special));
            }
        }
        return added;
    }
}
