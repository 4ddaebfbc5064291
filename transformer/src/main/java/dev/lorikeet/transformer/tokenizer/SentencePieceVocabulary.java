package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.ProtobufReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What directories of T5, DeBERTa, Llama and Gemma may have in place of {@code tokenizer.json}: a model of
 * SentencePiece's, Unigram or BPE, and {@code tokenizer_config.json}, whose {@code tokenizer_class} says what is put
 * around a text. From both, a {@code tokenizer.json} by which plain texts get the ids that SentencePiece gives them.
 *
 * <p>Source: {@code sentencepiece_model.proto}, whose numbers of fields these are; what the classes of transformers
 * add.
 */
final class SentencePieceVocabulary {
    private static final List<String> NAMES = List.of("spiece.model", "spm.model", "tokenizer.model");
    private static final Set<String> CLASSES = Set.of("T5Tokenizer", "DebertaV2Tokenizer", "LlamaTokenizer",
            "GemmaTokenizer");
    private static final int MAX_BYTES = 64 << 20;
    private static final int LONGEST = 256; // chars of a token whose merges are to be found
    private static final int MOST_EXTRA_IDS = 10_000;
    private static final String MARK = "\u2581";
    private static final int UNIGRAM = 1; // the types of models
    private static final int BPE = 2;
    private static final int UNKNOWN = 2; // the types of pieces
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private final Path file;
    private final JsonObject config;
    private final String type;
    private final List<String> pieces = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private int modelType = UNIGRAM;
    private boolean byteFallback;
    private byte[] charsMap = {};
    private boolean dummyPrefix = true;
    private boolean removesSpaces = true;
    private boolean escapesSpaces = true;

    private SentencePieceVocabulary(Path file) {
        this.file = file;
        Path configFile = file.resolveSibling("tokenizer_config.json");
        this.config = Files.exists(configFile) ? JsonObject.read(configFile) : new JsonObject(configFile, "", Map.of());
        this.type = config.string("tokenizer_class", "").replaceFirst("Fast$", "");
        if (!CLASSES.contains(type)) {
            throw config.error("tokenizer_class", "beside " + file.getFileName() + ", one of " + String.join(", ",
                    CLASSES.stream().sorted().toList()) + " is expected, not \"" + type + "\"");
        }
        Path added = file.resolveSibling("added_tokens.json");
        if (Files.exists(added) && !JsonObject.read(added).fields().keySet().stream().allMatch("[MASK]"::equals)) {
            throw new InputException(added, "tokens", "are not read beside " + file.getFileName()
                    + ": a tokenizer.json is expected, as save_pretrained of a fast tokenizer writes it");
        }
        read(MemorySegment.ofArray(InputFile.bytes(file, MAX_BYTES, "vocabularies")));
        if (new HashSet<>(pieces).size() != pieces.size()) {
            throw new InputException(file, "pieces", "one is there twice");
        }
    }

    /** The model of SentencePiece's in a directory, if there is one. */
    static Optional<Path> in(Path directory) {
        return NAMES.stream().map(directory::resolve).filter(Files::exists).findFirst();
    }

    /** The {@code tokenizer.json} of a directory that has none. */
    static JsonObject asTokenizer(Path file) {
        return new SentencePieceVocabulary(file).tokenizer();
    }

    private void read(MemorySegment bytes) {
        ProtobufReader model = new ProtobufReader(file, "ModelProto", bytes);
        while (model.next()) {
            switch (model.field()) {
                case 1 -> readPiece(model.bytes());
                case 2 -> readTrainer(model.bytes());
                case 3 -> readNormalizer(model.bytes());
                default -> {
                }
            }
        }
    }

    private void readPiece(MemorySegment bytes) {
        ProtobufReader piece = new ProtobufReader(file, "piece " + pieces.size(), bytes);
        String text = "";
        float score = 0;
        int kind = 1;
        while (piece.next()) {
            switch (piece.field()) {
                case 1 -> text = piece.text();
                case 2 -> score = piece.fixed32();
                case 3 -> kind = (int) piece.number();
                default -> {
                }
            }
        }
        if (text.isEmpty() || !Float.isFinite(score) || kind < 1 || kind > 6 || kind == UNUSED) {
            throw piece.error(text.isEmpty() ? "is empty"
                    : kind == UNUSED ? "is unused, which is not supported"
                            : "has the score " + score + " and the type " + kind
                                    + ": a finite number and 1 to 6 are expected");
        }
        pieces.add(text);
        scores.add(score);
        types.add(kind);
    }

    private void readTrainer(MemorySegment bytes) {
        ProtobufReader trainer = new ProtobufReader(file, "trainer_spec", bytes);
        while (trainer.next()) {
            switch (trainer.field()) {
                case 3 -> modelType = (int) trainer.number();
                case 24 -> {
                    if (trainer.number() != 0) {
                        throw trainer.error("treat_whitespace_as_suffix is not supported");
                    }
                }
                case 35 -> byteFallback = trainer.number() != 0;
                default -> {
                }
            }
        }
        if (modelType != UNIGRAM && modelType != BPE) {
            throw trainer.error("model_type " + modelType + " is not supported, 1 (unigram) and 2 (bpe) are");
        }
    }

    private void readNormalizer(MemorySegment bytes) {
        ProtobufReader normalizer = new ProtobufReader(file, "normalizer_spec", bytes);
        while (normalizer.next()) {
            switch (normalizer.field()) {
                case 2 -> charsMap = normalizer.bytes().toArray(ValueLayout.JAVA_BYTE);
                case 3 -> dummyPrefix = normalizer.number() != 0;
                case 4 -> removesSpaces = normalizer.number() != 0;
                case 5 -> escapesSpaces = normalizer.number() != 0;
                default -> {
                }
            }
        }
        if (!escapesSpaces) {
            throw normalizer.error("escape_whitespaces must be true");
        }
    }

    private JsonObject tokenizer() {
        int own = pieces.size();
        addPieces();
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("normalizer", Map.of("type", "Sequence", "normalizers", normalizers()));
        tokenizer.put("post_processor", template());
        tokenizer.put("decoder", decoder());
        tokenizer.put("model", model());
        List<Object> added = new ArrayList<>();
        for (int id = 0; id < pieces.size(); id++) {
            int kind = types.get(id);
            if (kind == CONTROL || kind == UNKNOWN || kind == USER_DEFINED) {
                added.add(AddedTokens.json(id, pieces.get(id), pieces.get(id).equals("[MASK]") && id >= own,
                        kind != USER_DEFINED));
            }
        }
        tokenizer.put("added_tokens", added);
        return new JsonObject(file, "", tokenizer);
    }

    /** What the class puts behind the pieces of the file. */
    private void addPieces() {
        List<String> more = switch (type) {
            case "T5Tokenizer" -> {
                int count = config.integer("extra_ids", 100);
                if (count < 0 || count > MOST_EXTRA_IDS) {
                    throw config.error("extra_ids", count + " is not in [0, " + MOST_EXTRA_IDS + "]");
                }
                yield Stream.iterate(count - 1, i -> i >= 0, i -> i - 1).map(i -> "<extra_id_" + i + ">").toList();
            }
            case "DebertaV2Tokenizer" -> List.of("[MASK]");
            default -> List.of();
        };
        more.stream().filter(piece -> !pieces.contains(piece)).forEach(piece -> {
            pieces.add(piece);
            scores.add(0f);
            types.add(CONTROL);
        });
    }

    private List<Map<String, Object>> normalizers() {
        List<Map<String, Object>> all = new ArrayList<>();
        if (type.equals("DebertaV2Tokenizer") && config.flag("do_lower_case", false)) {
            all.add(Map.of("type", "Lowercase"));
        }
        if (config.flag("split_by_punct", false)) {
            throw config.error("split_by_punct", "only false is supported");
        }
        if (charsMap.length > 0) {
            all.add(Map.of("type", "Precompiled", "precompiled_charsmap", Base64.getEncoder()
                    .encodeToString(charsMap)));
        }
        if (removesSpaces) {
            all.add(replace(Map.of("Regex", "\\A +| +\\z"), "")); // Strip would take other white space, too
            all.add(replace(Map.of("Regex", " {2,}"), " "));
        }
        if (dummyPrefix) {
            all.add(Map.of("type", "Prepend", "prepend", MARK));
        }
        all.add(replace(Map.of("String", " "), MARK));
        return all;
    }

    private static Map<String, Object> replace(Map<String, Object> pattern, String content) {
        return Map.of("type", "Replace", "pattern", pattern, "content", content);
    }

    private Map<String, Object> decoder() {
        List<Map<String, Object>> all = new ArrayList<>(List.of(replace(Map.of("String", MARK), " "),
                Map.of("type", "ByteFallback"), Map.of("type", "Fuse")));
        if (dummyPrefix) {
            all.add(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
        }
        return Map.of("type", "Sequence", "decoders", all);
    }

    private Map<String, Object> model() {
        int unknown = types.indexOf(UNKNOWN);
        if (unknown < 0 || unknown != types.lastIndexOf(UNKNOWN)) {
            throw new InputException(file, "pieces", "one that is unknown (type 2) is expected");
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("byte_fallback", byteFallback);
        if (modelType == UNIGRAM) {
            List<Object> vocab = new ArrayList<>();
            for (int id = 0; id < pieces.size(); id++) {
                vocab.add(List.of(pieces.get(id), (double) scores.get(id)));
            }
            model.put("type", "Unigram");
            model.put("unk_id", unknown);
            model.put("vocab", vocab);
            return model;
        }
        if (pieces.stream().anyMatch(piece -> piece.length() > LONGEST)) {
            throw new InputException(file, "pieces", "one is longer than " + LONGEST + " characters");
        }
        Map<String, Object> ids = new LinkedHashMap<>();
        float[] ranks = new float[pieces.size()];
        for (int id = 0; id < ranks.length; id++) {
            ids.put(pieces.get(id), id);
            ranks[id] = scores.get(id);
        }
        model.put("type", "BPE");
        model.put("unk_token", pieces.get(unknown));
        model.put("fuse_unk", true);
        model.put("vocab", ids);
        model.put("merges", ScoredMerges.of(pieces, ranks));
        return model;
    }

    /** What is put around a text, and around two. */
    private Map<String, Object> template() {
        boolean deberta = type.equals("DebertaV2Tokenizer");
        boolean t5 = type.equals("T5Tokenizer");
        boolean begins = deberta || !t5 && config.flag("add_bos_token", true);
        boolean ends = deberta || t5 || config.flag("add_eos_token", false);
        String begin = special(deberta ? "cls_token" : "bos_token", deberta ? "[CLS]"
                : type.startsWith("Gemma")
                        ? "<bos>"
                        : "<s>");
        String end = special(deberta ? "sep_token" : "eos_token", deberta ? "[SEP]"
                : type.startsWith("Gemma")
                        ? "<eos>"
                        : "</s>");
        List<Object> first = text("A", 0, begins ? begin : "", ends ? end : "");
        List<Object> second = text("B", t5 ? 0 : 1, begins && !deberta ? begin : "", ends ? end : "");
        Map<String, Object> specials = new LinkedHashMap<>();
        for (String token : Stream.of(begins ? begin : "", ends ? end : "").filter(token -> !token.isEmpty())
                .toList()) {
            int id = pieces.indexOf(token);
            if (id < 0) {
                throw new InputException(file, "pieces", "\"" + token + "\" is not among them");
            }
            specials.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token)));
        }
        return Map.of("type", "TemplateProcessing", "single", first, "pair", Stream.concat(first.stream(),
                second.stream()).toList(), "special_tokens", specials);
    }

    private static List<Object> text(String sequence, int typeId, String begin, String end) {
        List<Object> parts = new ArrayList<>();
        if (!begin.isEmpty()) {
            parts.add(Map.of("SpecialToken", Map.of("id", begin, "type_id", typeId)));
        }
        parts.add(Map.of("Sequence", Map.of("id", sequence, "type_id", typeId)));
        if (!end.isEmpty()) {
            parts.add(Map.of("SpecialToken", Map.of("id", end, "type_id", typeId)));
        }
        return parts;
    }

    private String special(String role, String whenAbsent) {
        return SpecialTokensMap.name(config, role, whenAbsent);
    }
}
