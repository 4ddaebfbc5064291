package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recorded encodings of Hugging Face's library: {@code tokenizers/<family>/tokenizer.json} and {@code expected.json},
 * and those of real vocabularies, compressed, in {@code vocabularies}.
 */
class TokenizerFixtureTest {
    private static final int NO_LIMIT = 1 << 20;

    @TempDir
    private static Path temporary;

    @TestFactory
    Stream<DynamicTest> families() throws IOException {
        Path tokenizers = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "tokenizers");
        try (Stream<Path> families = Files.list(tokenizers)) {
            return families.filter(Files::isDirectory).sorted().toList().stream()
                    .map(family -> DynamicTest.dynamicTest(family.getFileName().toString(), () -> check(family)));
        }
    }

    @TestFactory
    Stream<DynamicTest> vocabularies() {
        return RealVocabulary.NAMES.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(RealVocabulary.in(name, temporary))));
    }

    private static void check(Path family) {
        Tokenizer tokenizer = Tokenizer.ofDirectory(family);
        JsonObject expected = JsonObject.read(family.resolve("expected.json"));
        assertThat(tokenizer.vocabularySize()).isEqualTo(expected.integer("vocab_size"));
        expected.objects("strings").forEach(string -> check(tokenizer, string));
        expected.objects("pairs").forEach(pair -> check(tokenizer, pair));
        expected.objects("decodings").forEach(decoding -> checkDecoded(tokenizer, ints(decoding, "ids"), decoding));
        expected.objects("truncations").forEach(truncation -> checkTruncated(tokenizer, truncation));
        expected.objects("paddings").forEach(padding -> checkPadded(tokenizer, padding));
    }

    private static void check(Tokenizer tokenizer, JsonObject expected) {
        check(encode(tokenizer, expected), expected, expected);
        if (!expected.has("tokens")) {
            return; // of a very long text the ids alone are recorded
        }
        Encoding plain = encode(tokenizer.withoutSpecialTokens(), expected);
        if (expected.has("without_special")) {
            check(plain, expected.object("without_special"), expected);
        } else {
            int[] ids = ints(expected, "ids");
            int[] mask = expected.has("special_tokens_mask") ? ints(expected, "special_tokens_mask")
                    : new int[ids.length];
            assertThat(plain.ids()).as("ids in %s", expected)
                    .isEqualTo(IntStream.range(0, ids.length).filter(i -> mask[i] == 0).map(i -> ids[i]).toArray());
        }
        if (!expected.has("pair")) {
            checkDecoded(tokenizer, ints(expected, "ids"), expected);
        }
    }

    private static Encoding encode(Tokenizer tokenizer, JsonObject of) {
        return of.has("pair") ? tokenizer.encode(of.string("text"), of.string("pair"), NO_LIMIT)
                : tokenizer.encode(of.string("text"), NO_LIMIT);
    }

    /** @param texts the record that has {@code text} and perhaps {@code pair} */
    private static void check(Encoding encoding, JsonObject expected, JsonObject texts) {
        if (expected.has("tokens")) {
            assertThat(List.<Object>copyOf(encoding.tokens())).as("tokens of %s", texts)
                    .isEqualTo(expected.list("tokens"));
        }
        int[] ids = ints(expected, "ids");
        assertThat(encoding.ids()).as("ids of %s", texts).isEqualTo(ids);
        if (!expected.has("offsets")) {
            return;
        }
        int[] types = expected.has("type_ids") ? ints(expected, "type_ids") : new int[ids.length];
        assertThat(encoding.typeIds()).as("segments of %s", texts).isEqualTo(types);
        int[] mask = IntStream.range(0, ids.length).map(i -> encoding.textOf()[i] < 0 ? 1 : 0).toArray();
        assertThat(mask).as("special tokens of %s", texts).isEqualTo(
                expected.has("special_tokens_mask") ? ints(expected, "special_tokens_mask") : new int[ids.length]);
        assertThat(codePoints(encoding, texts)).as("ranges of %s", texts).isEqualTo(expected.list("offsets"));
    }

    /** The ranges as the library counts them. */
    private static List<Object> codePoints(Encoding encoding, JsonObject texts) {
        return IntStream.range(0, encoding.ids().length).<Object>mapToObj(i -> {
            String text = texts.string(encoding.textOf()[i] == 1 ? "pair" : "text");
            return List.of(text.codePointCount(0, encoding.starts()[i]), text.codePointCount(0, encoding.ends()[i]));
        }).toList();
    }

    private static void checkDecoded(Tokenizer tokenizer, int[] ids, JsonObject expected) {
        String all = expected.string("decoded");
        TextStream stream = tokenizer.stream(false);
        StringBuilder streamed = new StringBuilder();
        for (int id : ids) {
            String text = stream.append(id);
            assertThat(text).as("part of %s", expected).doesNotEndWith("\uFFFD");
            streamed.append(text);
        }
        if (!all.contains("\uFFFD")) { // else bytes may turn out to be none when what stood before them is out
            assertThat(streamed.append(stream.end()).toString()).as("stream of %s", expected).isEqualTo(all);
        }
        assertThat(tokenizer.decode(ids, false)).as("text of %s", expected).isEqualTo(all);
        assertThat(tokenizer.decode(ids, true)).as("text of %s", expected)
                .isEqualTo(expected.string("decoded_skip", all));
    }

    private static void checkTruncated(Tokenizer tokenizer, JsonObject cut) {
        Truncation truncation = new Truncation(cut.integer("max_length"),
                switch (cut.string("strategy", "longest_first")) {
                    case "only_first" -> Truncation.Strategy.ONLY_FIRST;
                    case "only_second" -> Truncation.Strategy.ONLY_SECOND;
                    default -> Truncation.Strategy.LONGEST_FIRST;
                }, cut.string("direction", "right").equals("left") ? Truncation.Side.LEFT : Truncation.Side.RIGHT,
                cut.integer("stride", 0));
        String pair = cut.has("pair") ? cut.string("pair") : null;
        boolean noRoom = truncation.maxLength() < encode(tokenizer, cut).textOf().length - encode(
                tokenizer.withoutSpecialTokens(), cut).ids().length; // the library does not cut at all there
        if (cut.has("error") || noRoom) {
            assertThatThrownBy(() -> tokenizer.encodeParts(cut.string("text"), pair, truncation))
                    .as("%s", cut).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("enc");
            return;
        }
        List<Encoding> parts = tokenizer.encodeParts(cut.string("text"), pair, truncation);
        check(parts.getFirst(), cut, cut);
        assertThat(parts.stream().skip(1).map(part -> IntStream.of(part.ids()).boxed().toList()).toList())
                .as("parts of %s", cut).isEqualTo(cut.list("overflowing"));
    }

    /** What is no padding is what is read here, where texts stand one behind the other and nothing is padded. */
    private static void checkPadded(Tokenizer tokenizer, JsonObject padded) {
        int most = padded.integer("max_length", NO_LIMIT);
        boolean left = padded.string("direction", "right").equals("left");
        List<?> texts = padded.list(padded.has("pairs") ? "pairs" : "texts");
        List<JsonObject> rows = padded.objects("rows");
        assertThat(rows).hasSameSizeAs(texts);
        for (int i = 0; i < rows.size(); i++) {
            JsonObject row = rows.get(i);
            List<?> pair = texts.get(i) instanceof List<?> both ? both : List.of(texts.get(i));
            Encoding read = pair.size() == 1 ? tokenizer.encode((String) pair.getFirst(), most)
                    : tokenizer.encode((String) pair.getFirst(), (String) pair.getLast(), most);
            int[] ids = ints(row, "ids");
            int padding = row.has("attention_mask") ? (int) IntStream.of(ints(row, "attention_mask"))
                    .filter(mask -> mask == 0).count() : 0;
            int from = left ? padding : 0;
            assertThat(read.ids()).as("%s in %s", pair, row)
                    .isEqualTo(Arrays.copyOfRange(ids, from, from + ids.length - padding));
            assertThat(IntStream.range(0, padding).map(p -> ids[left ? p : ids.length - 1 - p]))
                    .as("%s in %s", pair, row).allMatch(id -> id == padded.integer("pad_id"));
            int[] types = row.has("type_ids") ? ints(row, "type_ids") : new int[ids.length];
            assertThat(read.typeIds()).as("%s in %s", pair, row)
                    .isEqualTo(Arrays.copyOfRange(types, from, from + ids.length - padding));
        }
    }

    private static int[] ints(JsonObject json, String field) {
        return json.list(field).stream().mapToInt(each -> (Integer) each).toArray();
    }
}
