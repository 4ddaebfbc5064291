package dev.lorikeet.bench.fuzz;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The readers of tokenizers and of vocabularies alone. */
final class TokenizerReaders {
    private static final List<String> TEXTS = List.of("", "a gv!  [SEP] Tag tag", "\t\n\u2029a\u0301\u00A0",
            "é\uD83D\uDE00\uD83D",
            "g".repeat(300));

    private static final List<String> TOKENIZERS = List.of("""
            {"version": "1.0", "added_tokens": [{"id": 7, "content": "<s>", "single_word": false, "lstrip": true,
              "rstrip": false, "normalized": true, "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace",
              "pattern": {"Regex": "v+"}, "content": "g"}, {"type": "Prepend", "prepend": "a"}, {"type": "Nmt"}]},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
              {"type": "Split", "pattern": {"Regex": " +|g"}, "behavior": "MergedWithNext", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]},
             "post_processor": {"type": "RobertaProcessing", "sep": ["<s>", 7], "cls": ["<s>", 7],
              "trim_offsets": true, "add_prefix_space": true},
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "unk_token": null, "ignore_merges": true, "vocab": {"a": 0, "g": 1, "Ġ": 2,
              "Ġa": 3, "gg": 4, "gggg": 5, "Ã": 6}, "merges": [["Ġ", "a"], "g g", ["gg", "gg"]]}}
            """, """
            {"added_tokens": [], "normalizer": {"type": "Strip", "strip_left": true, "strip_right": true},
             "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true},
             "post_processor": null, "decoder": {"type": "Sequence", "decoders": [{"type": "Replace",
              "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"unk_id": 0, "byte_fallback": true, "vocab": [["?", 0], ["▁", -2.5], ["g", -1.25],
              ["gg", -2.125], ["▁a", -3]]}}
            """);

    /** What a tokenizer_config.json may have. */
    private static final List<String> CONFIG = List.of("do_lower_case", "add_prefix_space", "unk_token", "errors",
            "tokenizer_class", "added_tokens_decoder", "model_max_length");
    /** A BPE of which {@code %s} is the vocabulary and the merges. */
    private static final String BPE = """
            {"model": {"type": "BPE", "unk_token": "?", "byte_fallback": %s, "vocab": %s, "merges": %s}}
            """;
    /** Pairs that make each other, one twice, in an order that no training has; tokens that are missing. */
    private static final List<String> MERGES = List.of("[]", "[\"a b\", \"ab a\", \"a ba\", \"b a\", \"ba b\"]",
            "[\"aba b\", \"ab a\", \"a b\", \"a b\"]", "[[\"a\", \"\"], [\"\", \"a\"], [\"\", \"\"]]",
            "[\"a a\", \"aa aa\", \"aaa a\", \"a aaa\"]", "[\"a c\"]", "[\"a\"]", "[\"a b c\"]", "[\" \"]");
    /** One after another; with holes; from the end; an identifier twice, below zero, and beyond all that is read. */
    private static final List<String> IDS = List.of("0 1 2 3 4 5 6 7 8 9", "0 1 5 6 70 71 800 801 9000 9001",
            "9 8 7 6 5 4 3 2 1 0", "0 1 1 2 3 4 5 6 7 8", "-1 0 1 2 3 4 5 6 7 8", "0 1 2 3 4 5 6 7 8 2147483647",
            "0 1 2 3 4 5 6 7 8 2147483646", "0 1 2 3 4 5 6 7 8 9223372036854775807", "0 1 2 3 4 5 6 7 8 100000000");
    private static final List<String> TOKENS = List.of("?", "", "a", "b", "ab", "ba", "aba", "aa", "aaa", "aaaa");

    private TokenizerReaders() {}

    private static void use(Tokenizer tokenizer) {
        for (String text : TEXTS) {
            tokenizer.decode(tokenizer.encode(text, 64).ids(), true);
        }
    }

    /** With merges in circles, and vocabularies with holes. */
    private static Reader withCycles(Reader reader) {
        return new Reader(reader.name(), reader.directory(), reader.inputs(), () -> Stream.concat(
                reader.broken().all(), MERGES.stream().flatMap(merges -> IDS.stream().flatMap(ids -> Stream
                        .of("true", "false").map(bytes -> BPE.formatted(bytes, vocabulary(ids), merges))))
                        .map(json -> json.getBytes(StandardCharsets.UTF_8))),
                reader.check());
    }

    private static String vocabulary(String ids) {
        StringBuilder json = new StringBuilder();
        String[] all = ids.split(" ");
        for (int i = 0; i < all.length; i++) {
            json.append(i == 0 ? "{" : ", ").append('"').append(TOKENS.get(i)).append("\": ").append(all[i]);
        }
        return json.append('}').toString();
    }

    /** {@code tokenizer.json}, which cuts some texts where it can be loaded. */
    static Reader tokenizer(Path directory, Path recorded) {
        Path file = directory.resolve("tokenizer.json");
        Map<String, Object> bert = Json.readObject(recorded);
        Map<String, Object> template = new TreeMap<>(bert);
        template.put("post_processor", Map.of("type", "TemplateProcessing", "single",
                List.of(piece("SpecialToken", "[CLS]"), piece("Sequence", "A"), piece("SpecialToken", "[SEP]")), "pair",
                List.of(), "special_tokens", Map.of("[CLS]", special("[CLS]", 2), "[SEP]", special("[SEP]", 3))));
        List<JsonTree> seeds = Stream.concat(Stream.of(bert, template), TOKENIZERS.stream()
                .map(json -> Json.readObject(json, file))).map(JsonTree::of).toList();
        return withCycles(Reader.ofJson("tokenizer.json", directory, seeds, List.of("strip_accents", "byte_fallback"),
                input -> {
                    Files.write(file, input);
                    use(Tokenizer.load(file));
                }));
    }

    /** A vocabulary of SentencePiece's. */
    static Reader sentencePiece(Path directory) throws IOException {
        Path file = directory.resolve("tokenizer.model");
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LlamaTokenizer\"}");
        Wire model = new Wire().message(1, new Wire().text(1, "<unk>").number(3, 2))
                .message(1, new Wire().text(1, "<s>").number(3, 3));
        for (String piece : List.of("\u2581", "a", "b", "\u2581a", "ab", "\u2581ab", "<0x0A>")) {
            model.message(1, new Wire().text(1, piece).number(3, piece.startsWith("<") ? 6 : 1));
        }
        model.message(2, new Wire().number(3, 2).number(4, 9).number(35, 1).number(40, 0))
                .message(3,
                        new Wire().text(1, "identity").number(3, 1).number(4, 1).number(5, 1));
        return new Reader("tokenizer.model", directory,
                random -> random.nextInt(3) == 0 ? Mutants.bytes(model.toBytes(), random)
                        : model.changed(random).toBytes(),
                () -> Stream.concat(Breaks.cuts(model.toBytes()), model.broken()), input -> {
                    Files.write(file, input);
                    use(Tokenizer.ofDirectory(directory));
                });
    }

    private static Map<String, Object> piece(String kind, String id) {
        return Map.of(kind, Map.of("id", id, "type_id", 0));
    }

    private static Map<String, Object> special(String token, int id) {
        return Map.of("id", token, "ids", List.of(id), "tokens", List.of(token));
    }

    /** The files of a vocabulary without {@code tokenizer.json}, one of which is wrong. */
    static Reader files(Path directory, String name, String wrong, Map<String, String> files) throws IOException {
        Files.createDirectories(directory);
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue());
        }
        Path file = directory.resolve(wrong);
        Reader.Check check = input -> {
            Files.write(file, input);
            use(Tokenizer.ofDirectory(directory));
        };
        String seed = Objects.requireNonNull(files.get(wrong), wrong);
        return wrong.endsWith(".json")
                ? Reader.ofJson(name, directory, List.of(JsonTree.of(Json.readObject(seed, file))), CONFIG, check)
                : Reader.ofText(name, directory, List.of(seed), check);
    }
}
