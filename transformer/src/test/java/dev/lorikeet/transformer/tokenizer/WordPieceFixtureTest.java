package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Recorded encodings of Hugging Face's library: {@code tokenizers/<family>/tokenizer.json} and {@code expected.json}.
 */
class WordPieceFixtureTest {
    private static final int NO_LIMIT = 1 << 20;

    @TestFactory
    Stream<DynamicTest> families() throws IOException {
        Path tokenizers = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "tokenizers");
        try (Stream<Path> families = Files.list(tokenizers)) {
            return families.filter(Files::isDirectory).sorted().toList().stream()
                    .map(family -> DynamicTest.dynamicTest(family.getFileName().toString(), () -> check(family)));
        }
    }

    private static void check(Path family) {
        JsonObject file = JsonObject.read(family.resolve("tokenizer.json"));
        String model = file.object("model").string("type");
        if (!model.equals("WordPiece")) {
            assertThatThrownBy(() -> Tokenizer.load(family.resolve("tokenizer.json")))
                    .isInstanceOf(InputException.class).hasMessageContaining("is not supported");
            abort("later: " + model);
        }
        Tokenizer tokenizer = Tokenizer.load(family.resolve("tokenizer.json"));
        JsonObject expected = JsonObject.read(family.resolve("expected.json"));
        assertThat(tokenizer.vocabularySize()).isEqualTo(expected.integer("vocab_size"));
        for (JsonObject string : expected.objects("strings")) {
            Encoding encoding = tokenizer.encode(string.string("text"), NO_LIMIT);
            if (string.has("tokens")) {
                assertThat(List.<Object>copyOf(encoding.tokens())).as("tokens of: %s", string.string("text"))
                        .isEqualTo(string.list("tokens"));
            }
            assertThat(encoding.ids()).as("ids of: %s", string.string("text"))
                    .isEqualTo(ints(string, "ids"));
        }
        for (JsonObject pair : expected.objects("pairs")) {
            check(tokenizer.encode(pair.string("text"), pair.string("pair"), NO_LIMIT), pair);
        }
        for (JsonObject cut : expected.objects("truncations")) {
            if (cut.has("direction") || cut.has("strategy")) {
                continue; // what is over is cut off the end, the longest text first, and nothing else is asked for here
            }
            int most = cut.integer("max_length");
            check(cut.has("pair") ? tokenizer.encode(cut.string("text"), cut.string("pair"), most)
                    : tokenizer.encode(cut.string("text"), most), cut);
        }
    }

    private static void check(Encoding encoding, JsonObject expected) {
        String what = expected.fields().toString();
        assertThat(encoding.ids()).as("ids of %s", what).isEqualTo(ints(expected, "ids"));
        if (expected.has("type_ids")) {
            assertThat(encoding.typeIds()).as("segments of %s", what).isEqualTo(ints(expected, "type_ids"));
        }
    }

    private static int[] ints(JsonObject json, String field) {
        return json.list(field).stream().mapToInt(each -> (Integer) each).toArray();
    }
}
