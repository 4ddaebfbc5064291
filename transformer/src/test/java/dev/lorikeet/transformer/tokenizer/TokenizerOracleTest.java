package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks Hugging Face's own library, through DJL, for the tokens of the same texts. */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class TokenizerOracleTest {
    private static final int NO_LIMIT = 1 << 20;

    @TempDir
    private static Path directory;
    private static Path file;
    private static Tokenizer tokenizer;
    private static HuggingFaceTokenizer oracle;

    @BeforeAll
    static void load() throws IOException {
        file = directory.resolve("minilm.json");
        try (InputStream json = resource("/all-minilm-l6-v2-tokenizer.json")) {
            Files.copy(json, file);
        }
        tokenizer = Tokenizer.load(file);
        oracle = oracle(file);
    }

    @AfterAll
    static void close() {
        oracle.close();
    }

    @Test
    void agreesOnEveryLineOfTheGlosses() throws IOException {
        List<String> glosses = glosses();
        assertThat(glosses).hasSize(82192);
        for (int i = 0; i < glosses.size(); i += 1000) {
            requireSame(tokenizer, oracle, glosses.subList(i, Math.min(i + 1000, glosses.size())));
        }
    }

    private static List<String> glosses() throws IOException {
        List<String> glosses = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                resource("/net/sf/extjwnl/data/wordnet/wn31/data.noun"), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> line.contains(" | ")).map(line -> line.substring(line.indexOf(" | ") + 3))
                    .forEach(glosses::add);
        }
        return glosses;
    }

    @Test
    void agreesOnAwkwardStrings() {
        requireSame(tokenizer, oracle, awkwardStrings());
    }

    @Test
    void agreesOnWordsOfTenThousandCharacters() {
        requireSame(tokenizer, oracle, List.of("a".repeat(10_000), "é".repeat(10_000), "中".repeat(10_000),
                "\u0301".repeat(10_000), "😀".repeat(10_000), "x ".repeat(5_000), "!".repeat(10_000),
                "\u200B".repeat(10_000) + "a", "ab" + "##".repeat(5_000)));
    }

    @Test
    void agreesOnRandomMixturesOfAwkwardStrings() {
        requireSame(tokenizer, oracle, mixtures(5000));
    }

    private static List<String> mixtures(int count) {
        int[] characters = String.join("", awkwardStrings()).codePoints().distinct().toArray();
        List<String> mixtures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long key = Random.key(7, i);
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < 20; j++) {
                text.appendCodePoint(characters[Math.floorMod(Random.bits(key, j), characters.length)]);
            }
            mixtures.add(text.toString());
        }
        return mixtures;
    }

    /** Real vocabularies on real lines, on awkward strings and mixtures of them. */
    @ParameterizedTest
    @ValueSource(strings = {"roberta-base", "t5-small", "phi-3-mini"})
    void agreesOnTheVocabulariesOfOtherModels(String name) throws IOException {
        Path json = RealVocabulary.in(name, directory).resolve("tokenizer.json");
        Tokenizer mine = Tokenizer.load(json);
        try (HuggingFaceTokenizer theirs = oracle(json)) {
            requireSame(mine, theirs, awkwardStrings());
            requireSame(mine, theirs, mixtures(1000));
            requireSame(mine, theirs, glosses().subList(0, 3000));
            requireSame(mine, theirs, List.of("a".repeat(3000), "中".repeat(3000), "😀 ".repeat(1000)));
        }
    }

    /** Each character inside a word: it is dropped, parts the word, stands alone, or is written otherwise. */
    @ParameterizedTest
    @CsvSource({"true,", "false,", "true, false", "false, true"})
    void agreesOnEveryCharacterOfUnicode(boolean lowercase, Boolean stripAccents) throws IOException {
        Path json = Files.writeString(directory.resolve("every-" + lowercase + "-" + stripAccents + ".json"),
                Json.write(everyCharacterTokenizer(lowercase, stripAccents)));
        Tokenizer mine = Tokenizer.load(json);
        try (HuggingFaceTokenizer theirs = oracle(json)) {
            List<String> texts = new ArrayList<>();
            for (int block = 0; block <= Character.MAX_CODE_POINT; block += 256) {
                StringBuilder text = new StringBuilder();
                for (int c = block; c < block + 256; c++) {
                    if (Character.isDefined(c) && Character.getType(c) != Character.SURROGATE) {
                        text.append('a').appendCodePoint(c).append("b ");
                    }
                }
                texts.add(text.toString());
            }
            requireSame(mine, theirs, texts);
        }
    }

    /** A tokenizer file with all characters that a normalizer may change, and those they may become. */
    private static Map<String, Object> everyCharacterTokenizer(boolean lowercase, Boolean stripAccents) {
        Set<String> characters = new TreeSet<>(Set.of("a", "b"));
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String decomposed = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFD);
            if (Character.isDefined(c) && Character.getType(c) != Character.SURROGATE
                    && (decomposed.codePointAt(0) != c || Character.toLowerCase(c) != c)) {
                (Character.toString(c) + decomposed).codePoints().forEach(part -> {
                    characters.add(Character.toString(part));
                    characters.add(Character.toString(Character.toLowerCase(part)));
                });
            }
        }
        Map<String, Object> vocabulary = new LinkedHashMap<>(Map.of("[UNK]", 0));
        for (String character : characters) {
            vocabulary.put(character, vocabulary.size());
            vocabulary.put("##" + character, vocabulary.size());
        }
        Map<String, Object> json = new LinkedHashMap<>(Json.readObject(file));
        Map<String, Object> normalizer = new LinkedHashMap<>(JsonObject.read(file).object("normalizer").fields());
        normalizer.put("lowercase", lowercase);
        normalizer.put("strip_accents", stripAccents);
        Map<String, Object> model = new LinkedHashMap<>(JsonObject.read(file).object("model").fields());
        model.put("vocab", vocabulary);
        json.put("normalizer", normalizer);
        json.put("model", model);
        json.put("added_tokens", List.of());
        json.put("post_processor", Map.of("type", "BertProcessing", "cls", List.of("[UNK]", 0), "sep",
                List.of("[UNK]", 0)));
        json.put("truncation", null);
        json.put("padding", null);
        return json;
    }

    private static void requireSame(Tokenizer mine, HuggingFaceTokenizer theirs, List<String> texts) {
        Encoding[] expected = theirs.batchEncode(texts);
        for (int i = 0; i < expected.length; i++) {
            String text = texts.get(i);
            dev.lorikeet.transformer.tokenizer.Encoding encoding = mine.encode(text, NO_LIMIT);
            int[] ids = Arrays.stream(expected[i].getIds()).mapToInt(Math::toIntExact).toArray();
            if (!Arrays.equals(encoding.ids(), ids)) {
                assertThat(encoding.tokens()).as("tokens of: %s", text).containsExactly(expected[i].getTokens());
                assertThat(encoding.ids()).as("ids of: %s", text).isEqualTo(ids);
            }
            int[] ranges = Arrays.stream(expected[i].getCharTokenSpans())
                    .flatMapToInt(span -> span == null ? IntStream.of(0, 0)
                            : IntStream.of(span.getStart(),
                                    span.getEnd()))
                    .toArray();
            assertThat(codePoints(encoding, text)).as("ranges of: %s", text).isEqualTo(ranges);
        }
    }

    private static int[] codePoints(dev.lorikeet.transformer.tokenizer.Encoding encoding, String text) {
        int[] before = new int[text.length() + 1]; // of each position, the code points before it
        for (int i = 0; i < text.length(); i++) {
            boolean low = i > 0 && Character.isSurrogatePair(text.charAt(i - 1), text.charAt(i));
            before[i + 1] = before[i] + (low ? 0 : 1);
        }
        return IntStream.range(0, encoding.ids().length)
                .flatMap(i -> IntStream.of(before[encoding.starts()[i]], before[encoding.ends()[i]])).toArray();
    }

    private static List<String> awkwardStrings() {
        try (InputStream json = resource("awkward.json")) {
            List<?> strings = new JsonObject(Path.of("awkward.json"), "",
                    Json.readObject(json.readAllBytes(), Path.of("awkward.json"))).list("strings");
            return strings.stream().map(String.class::cast).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static HuggingFaceTokenizer oracle(Path json) throws IOException {
        return HuggingFaceTokenizer.builder().optTokenizerPath(json).optPadding(false).optTruncation(false).build();
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(TokenizerOracleTest.class.getResourceAsStream(name), name);
    }
}
