package dev.lorikeet.transformer.tokenizer;

import static dev.lorikeet.transformer.tokenizer.GgufVocabulary.PREFIX;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.tokenizer.PostProcessor.Piece;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} as the vocabulary inside of a GGUF file: the way back of {@link GgufVocabulary}. It writes
 * what that one reads as the same tokenizer, and refuses all else.
 */
final class GgufVocabularyWriter {
    private static final int NORMAL = 1; // the types of tokens, beside the reader's
    private static final int UNUSED = 5;
    private static final int BYTE = 6;
    private static final int BYTES = 256;
    /** Before what is inside of words. */
    private static final String INSIDE = "##";
    /** What NFC neither makes nor changes. */
    private static final Pattern BLANKS = Pattern.compile("[ \\t\\r\\n]+");

    private final JsonObject file;
    private final JsonObject model;
    private final SpecialTokensMap specials;
    private final JsonObject config;
    private final String[] tokens;
    private final int[] types;
    /** By their ids; the last ones are those of added tokens. */
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    GgufVocabularyWriter(JsonObject file, SpecialTokensMap specials, JsonObject config, int rows) {
        this.file = file;
        this.model = file.object("model");
        this.specials = specials;
        this.config = config;
        this.tokens = new String[rows];
        this.types = new int[rows];
    }

    void write(GgufWriter writer) {
        String type = TokenModel.kind(model);
        if (type.equals("WordPiece")) {
            collect();
            wordPiece(writer);
            writer.put(PREFIX + "tokens", List.of(tokens));
            writer.put(PREFIX + "token_type", types);
            return;
        }
        if (!type.equals("BPE")) {
            throw model.error("type", type + " is not written into GGUF files, BPE and WordPiece are");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.string(affix, "").isEmpty()) {
                throw model.error(affix, "has no place in GGUF files");
            }
        }
        collect();
        if (isPhi3()) {
            writer.put(GgufVocabulary.NAME, "Phi-3"); // by which readers know those tokens again
        }
        if (file.has("pre_tokenizer") && PreTokenizer.endsInBytes(file.object("pre_tokenizer"))) {
            byteLevel(writer);
        } else {
            sentencePiece(writer);
        }
        writer.put(PREFIX + "tokens", List.of(tokens));
        writer.put(PREFIX + "token_type", types);
        writeSpecials(writer);
    }

    /** The tokens by their ids. */
    private void collect() {
        JsonObject vocabulary = model.object("vocab");
        vocabulary.fields().keySet().forEach(token -> put(vocabulary, token, vocabulary.integer(token), NORMAL));
        boolean phi3 = isPhi3();
        for (JsonObject added : file.objects("added_tokens")) {
            String content = added.string("content");
            for (String flag : List.of("single_word", "lstrip", "rstrip")) {
                if (added.flag(flag, false) && !(phi3 && flag.equals("rstrip"))) {
                    throw added.error(flag, "of " + Shown.value(content) + " has no place in GGUF files");
                }
            }
            if (added.flag("normalized", false) && file.has("normalizer")
                    && !(GgufPreTokenizer.composes(file) && BLANKS.matcher(content).matches())) {
                throw added.error("normalized", "GGUF files have tokens that are found in the text as it is, "
                        + Shown.value(content) + " is found once it is normalized");
            }
            put(added, content, added.integer("id"), added.flag("special", false) ? GgufVocabulary.CONTROL
                    : GgufVocabulary.USER_DEFINED);
        }
        requireApart();
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] == 0) {
                String name = "[PAD" + id + "]"; // as llama.cpp's converter calls it
                put(file, name, id, UNUSED);
            }
        }
    }

    /** Whether just those added tokens take the spaces behind them along that do in Phi-3, as llama.cpp has it. */
    private boolean isPhi3() {
        List<JsonObject> added = file.objects("added_tokens");
        return config.string("model_type", "").equals("phi3")
                && added.stream().anyMatch(token -> token.flag("rstrip", false)) && added.stream().allMatch(
                        token -> token.flag("rstrip", false) == GgufVocabulary.takesSpaces(token.string("content")));
    }

    private void put(JsonObject place, String token, int id, int type) {
        Integer before = ids.put(token, id);
        if (id < 0 || id >= tokens.length || types[id] != 0 && !tokens[id].equals(token)
                || before != null && before != id) {
            throw place.error(token, "the id " + id + " is not below " + tokens.length + ", or of two tokens");
        }
        tokens[id] = token;
        types[id] = type;
    }

    /** Those in normalized text are found last; in GGUF files all are found together, which must be the same. */
    private void requireApart() {
        List<JsonObject> added = file.objects("added_tokens");
        for (JsonObject late : added) {
            for (JsonObject early : late.flag("normalized", false) ? added : List.<JsonObject>of()) {
                String one = late.string("content");
                String other = early.string("content");
                if (!early.flag("normalized", false) && (one.contains(other) || overlap(one, other)
                        || overlap(other, one))) {
                    throw late.error("normalized", Shown.value(one) + " and " + Shown.value(other)
                            + " may overlap in a text, so that GGUF files have no place for their order");
                }
            }
        }
    }

    private static boolean overlap(String left, String right) {
        return IntStream.range(1, Math.min(left.length(), right.length()))
                .anyMatch(n -> left.endsWith(right.substring(0, n)));
    }

    private void byteLevel(GgufWriter writer) {
        GgufPreTokenizer pre = GgufPreTokenizer.of(file);
        boolean composes = GgufPreTokenizer.composes(file);
        if (pre.composes() != composes || file.has("normalizer") && !composes) {
            throw file.error("normalizer",
                    "beside the pre-tokenizer of " + pre.names().getFirst() + ", GGUF files have "
                            + (pre.composes() ? "NFC" : "none"));
        }
        requireWholeWords(pre.wholeWords());
        if (!file.has("decoder") || !file.object("decoder").string("type", "").equals("ByteLevel")) {
            throw file.error("decoder", "ByteLevel is expected in GGUF files beside such a pre-tokenizer");
        }
        writer.put(PREFIX + "model", "gpt2");
        writer.put(PREFIX + "pre", pre.names().getFirst());
        writer.put(PREFIX + "merges", merges().stream().map(pair -> String.join(" ", pair)).toList());
    }

    private void requireWholeWords(boolean expected) {
        if (model.flag("ignore_merges", false) != expected) {
            throw model.error("ignore_merges", "GGUF files have " + expected + " beside this pre-tokenizer");
        }
    }

    private List<List<String>> merges() {
        return model.list("merges").stream().map(line -> line instanceof List<?> pair
                ? pair.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(line).split(" "))).toList();
    }

    private void sentencePiece(GgufWriter writer) {
        Object normalizer = only(file.fields().get("normalizer"), "normalizers");
        boolean prefixed = GgufVocabulary.spaceMarks(true).equals(normalizer);
        if (!prefixed && !GgufVocabulary.spaceMarks(false).equals(normalizer)) {
            throw file.error("normalizer", "has no name in GGUF files, a Prepend and a Replace, or that alone, have");
        }
        if (file.has("pre_tokenizer") && !cutsAtSpaces(file.object("pre_tokenizer"))) {
            throw file.error("pre_tokenizer", Shown.value(file.object("pre_tokenizer").fields())
                    + " has no place in GGUF files beside such a normalizer");
        }
        if (!GgufVocabulary.spaces(prefixed).equals(file.fields().get("decoder"))) {
            throw file.error("decoder", "GGUF files have the one that undoes the normalizer");
        }
        requireWholeWords(false);
        requireBytes();
        String unknown = model.string("unk_token");
        if (types[ids.getOrDefault(unknown, 0)] != GgufVocabulary.CONTROL) {
            throw file.error("added_tokens", Shown.value(unknown) + " is not a special one, as in GGUF files");
        }
        types[ids.getOrDefault(unknown, 0)] = GgufVocabulary.UNKNOWN;
        writer.put(PREFIX + "model", "llama");
        writer.put(PREFIX + "pre", "default");
        writer.put(PREFIX + "scores", scores());
        writer.put(PREFIX + "add_space_prefix", prefixed);
        writer.put(PREFIX + "unknown_token_id", ids.getOrDefault(unknown, 0));
    }

    /** A sequence of one is that one. */
    private static @Nullable Object only(@Nullable Object json, String field) {
        return json instanceof Map<?, ?> map && map.get(field) instanceof List<?> list && list.size() == 1
                ? list.getFirst()
                : json;
    }

    /** There are no spaces any more once each is a mark. */
    private static boolean cutsAtSpaces(JsonObject pre) {
        return pre.string("type", "").equals("Split") && pre.object("pattern").string("String", "").equals(" ");
    }

    private void requireBytes() {
        for (int b = 0; b < BYTES; b++) {
            Integer id = ids.get("<0x%02X>".formatted(b));
            if (id == null || !model.flag("byte_fallback", false)) {
                throw model.error("byte_fallback", "must be true and each of 256 bytes have a token, as in GGUF files");
            }
            types[id] = BYTE;
        }
    }

    /**
     * Such that they say the merges: the higher, the earlier. Merges to added tokens do not count, which are found
     * before.
     */
    private float[] scores() {
        List<List<String>> merges = merges();
        Map<String, Integer> order = new LinkedHashMap<>();
        merges.forEach(pair -> order.putIfAbsent(String.join("", pair), order.size()));
        float[] scores = new float[tokens.length];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = types[id] == NORMAL ? -order.getOrDefault(tokens[id], order.size())
                    : types[id] == UNUSED ? -1 - order.size() : -(float) order.getOrDefault(tokens[id], 0);
            if (tokens[id].length() > GgufVocabulary.LONGEST) {
                throw model.error("vocab", "a token is longer than " + GgufVocabulary.LONGEST + " characters");
            }
        }
        List<List<String>> said = inTexts(ScoredMerges.of(List.of(tokens), scores));
        List<List<String>> expected = inTexts(merges);
        if (!said.equals(expected)) {
            int at = IntStream.range(0, Math.min(said.size(), expected.size()))
                    .filter(i -> !said.get(i).equals(expected.get(i))).findFirst().orElse(Math.min(said.size(),
                            expected.size()));
            throw model.error("merges",
                    "GGUF files have scores in their place, by which all pairs that make a token are"
                            + " merged: there are " + said.size() + " such, and " + expected.size()
                            + " here, which differ from "
                            + at + " on");
        }
        return scores;
    }

    private List<List<String>> inTexts(List<List<String>> merges) {
        List<List<String>> kept = new ArrayList<>();
        for (List<String> pair : merges) {
            Integer id = ids.get(String.join("", pair));
            if (id == null || types[id] == NORMAL || types[id] == BYTE || types[id] == UNUSED) {
                kept.add(pair);
            }
        }
        return kept;
    }

    /** As BERT has it in lower case: llama.cpp knows no other. */
    private void wordPiece(GgufWriter writer) {
        JsonObject normalizer = file.has("normalizer") ? file.object("normalizer") : model;
        if (!normalizer.string("type", "").equals("BertNormalizer") || !Stream.of("clean_text", "handle_chinese_chars",
                "lowercase").allMatch(normalizer::flag) || !normalizer.flag("strip_accents", true)) {
            throw file.error("normalizer", "beside WordPiece, GGUF files have BERT's of lower case");
        }
        if (!file.has("pre_tokenizer") || !file.object("pre_tokenizer").string("type", "").equals("BertPreTokenizer")
                || !model.string("continuing_subword_prefix", "##").equals(INSIDE)) {
            throw file.error("pre_tokenizer", "beside WordPiece, GGUF files have BERT's, and words that go on with "
                    + INSIDE);
        }
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] == GgufVocabulary.USER_DEFINED || tokens[id].startsWith(INSIDE + GgufVocabulary.MARK)) {
                throw file.error("added_tokens", Shown.value(tokens[id]) + " has no place in GGUF files of BERT's");
            }
            if (types[id] != GgufVocabulary.CONTROL) {
                tokens[id] = tokens[id].startsWith(INSIDE) ? tokens[id].substring(INSIDE.length())
                        : GgufVocabulary.MARK + tokens[id];
            }
        }
        writer.put(PREFIX + "model", "bert");
        writer.put(PREFIX + "token_type_count", config.integer("type_vocab_size", 2));
        wordPieceSpecials(writer);
    }

    private void wordPieceSpecials(GgufWriter writer) {
        Map<String, Integer> parts = new TreeMap<>();
        specials.names().forEach((part, name) -> parts.put(part, ids.getOrDefault(name, -1)));
        parts.put("unk_token", ids.getOrDefault(model.string("unk_token"), -1));
        PostProcessor around = file.has("post_processor") ? PostProcessor.of(file.object("post_processor"))
                : PostProcessor.NONE;
        int[] own = around.single().stream().flatMapToInt(piece -> piece.isText() ? IntStream.of(-1)
                : IntStream.range(0, piece.special().size()).map(piece.special()::id)).toArray();
        if (own.length != 3 || own[1] != -1) {
            throw file.error("post_processor", "GGUF files of BERT's have [CLS] before a text and [SEP] behind it");
        }
        parts.put("cls_token", own[0]);
        parts.remove("bos_token");
        parts.put("sep_token", own[2]);
        parts.remove("eos_token");
        if (config.fields().get("pad_token_id") instanceof Integer id) {
            parts.putIfAbsent("pad_token", id);
        }
        parts.forEach((part, id) -> {
            if (id < 0 || id >= tokens.length || types[id] != GgufVocabulary.CONTROL) {
                throw file.error("added_tokens", "has no special token for the " + part + " of the tokenizer");
            }
        });
        parts.put("bos_token", own[0]); // which llama.cpp asks for
        parts.put("eos_token", own[2]);
        parts.forEach((part, id) -> writer.put(PREFIX + SpecialTokensMap.IN_GGUF.get(part) + "_token_id", id));
        types[parts.get("unk_token")] = GgufVocabulary.UNKNOWN;
    }

    private void writeSpecials(GgufWriter writer) {
        Map<String, Integer> parts = new TreeMap<>();
        Map.of("bos_token", "bos_token_id", "eos_token", "eos_token_id", "pad_token", "pad_token_id")
                .forEach((part, field) -> {
                    if (config.fields().get(field) instanceof Integer id && id >= 0 && id < tokens.length) {
                        parts.put(part, id);
                    }
                });
        specials.names().forEach((part, name) -> {
            Integer id = ids.get(name);
            if (id == null) {
                throw file.error("added_tokens", "has no " + Shown.value(name) + ", the " + part + " of the tokenizer");
            }
            parts.put(part, id);
        });
        PostProcessor around = file.has("post_processor") ? PostProcessor.of(file.object("post_processor"))
                : PostProcessor.NONE;
        int text = IntStream.range(0, around.single().size()).filter(i -> around.single().get(i).isText()).findFirst()
                .orElse(0);
        boolean begins = around(around.single().subList(0, text), parts, "bos_token");
        boolean ends = around(around.single().subList(text + 1, around.single().size()), parts, "eos_token");
        if (!parts.containsKey("eos_token")) {
            throw file.error("added_tokens", "no file says which one ends a text, as GGUF files must");
        }
        parts.forEach((part, id) -> writer.put(PREFIX + SpecialTokensMap.IN_GGUF.get(part) + "_token_id", id));
        writer.put(PREFIX + "add_bos_token", begins);
        writer.put(PREFIX + "add_eos_token", ends);
    }

    /** Whether there is a token at this end of a text, which takes the part where no file names one. */
    private boolean around(List<Piece> pieces, Map<String, Integer> parts, String part) {
        List<Integer> found = new ArrayList<>();
        pieces.forEach(piece -> IntStream.range(0, piece.special().size()).forEach(i -> found.add(piece.special()
                .id(i))));
        if (found.size() == 1) {
            parts.putIfAbsent(part, found.getFirst());
        }
        if (!found.equals(found.isEmpty() ? found : Collections.singletonList(parts.get(part)))) {
            throw file.error("post_processor", "puts " + Shown.value(found.stream().map(id -> tokens[id]).toList())
                    + " at an end of a text, where GGUF files have the " + part);
        }
        return !found.isEmpty();
    }
}
