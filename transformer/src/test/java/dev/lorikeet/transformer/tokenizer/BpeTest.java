package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BpeTest {
    private static final String FILE = """
            {"added_tokens": [], "model": {"type": "BPE", "unk_token": "?", "fuse_unk": true, "vocab":
             {"?": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "abc": 5, "bc": 6}, "merges": ["b c", "a b", "a bc"]}}
            """;

    @TempDir
    private Path directory;

    private Tokenizer load(String json) throws IOException {
        return Tokenizer.load(Files.writeString(directory.resolve("tokenizer.json"), json));
    }

    @Test
    void mergesTheLowestRankFirst() throws IOException {
        Tokenizer tokenizer = load(FILE);
        assertThat(tokenizer.encode("abc ab", 99).ids()).containsExactly(5, 0, 4);
        assertThat(tokenizer.encode("xyab", 99).ids()).containsExactly(0, 4);
        assertThat(tokenizer.encode("xyab", 99).ends()).containsExactly(2, 4);
    }

    @Test
    void bothFormsOfMergesAndOldFilesWithoutATypeAreTheSame() throws IOException {
        String pairs = FILE.replace("\"b c\", \"a b\", \"a bc\"", "[\"b\", \"c\"], [\"a\", \"b\"], [\"a\", \"bc\"]");
        assertThat(pairs).isNotEqualTo(FILE);
        assertThat(load(pairs).encode("abcabb", 99).ids()).containsExactly(5, 4, 2);
        String old = FILE.replace("\"type\": \"BPE\", ", "");
        assertThat(old).isNotEqualTo(FILE);
        assertThat(load(old).encode("abcabb", 99).ids()).containsExactly(5, 4, 2);
    }

    /**
     * Steps that grow with the square would be ten thousand million. The first runs wait for the compiler, the last may
     * take a tenth of a second.
     */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "phi-3-mini", "t5-small"})
    void aLongWordTakesHardlyMoreThanItsLength(String name) throws IOException {
        Tokenizer tokenizer = Tokenizer.ofDirectory(RealVocabulary.in(name, directory));
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            letters.append((char) ('a' + i * 31L * i % 26));
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        for (int run = 0; run < 30 && best > Duration.ofMillis(100).toNanos(); run++) {
            long before = threads.getCurrentThreadCpuTime();
            assertThat(tokenizer.encode(letters.toString(), 1 << 20).ids()).hasSizeGreaterThan(10_000);
            best = Math.min(best, threads.getCurrentThreadCpuTime() - before);
        }
        assertThat(best).isLessThan(Duration.ofMillis(100).toNanos());
    }

    /**
     * The merges of Phi-3's file were made of Llama 2's scores, which go down by one from token to token, but for runs
     * of spaces, which come last.
     */
    @Test
    void scoresGiveTheMergesThatTransformersMakesOfThem() throws IOException {
        JsonObject model = JsonObject.read(RealVocabulary.in("phi-3-mini", directory).resolve("tokenizer.json"))
                .object("model");
        List<String> tokens = new ArrayList<>(model.object("vocab").fields().keySet());
        float[] scores = new float[tokens.size()];
        for (int id = 259; id < scores.length; id++) {
            scores[id] = tokens.get(id).matches("▁▁+") ? -1e9f : 259 - id;
        }
        assertThat(ScoredMerges.of(tokens, scores).stream().<Object>map(pair -> String.join(" ", pair)).toList())
                .isEqualTo(model.list("merges"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "a bc"       | "a  bc"        | model.merges[2]: two tokens are expected, not "a  bc"
            "a bc"       | "a cb"         | model.merges[2]: "cb" is not in the vocabulary
            "a bc"       | "b a"          | model.merges[2]: "ba" is not in the vocabulary
            "a bc"       | ["a"]          | model.merges[2]: two tokens are expected, not ["a"]
            "a bc"       | null           | model.merges[2]: two tokens are expected, not null
            "fuse_unk"   | "dropout": 0.1, "fuse_unk" | model.dropout: only 0 is supported
            "unk_token": "?" | "unk_token": "<unk>" | model.unk_token: "<unk>" is not in the vocabulary
            "c": 3       | "c": 2147483647 | model.vocab.c: id 2147483647 is too large
            "fuse_unk"   | "more": 1, "fuse_unk" | model.more: unknown field
            """)
    void refusesWhatIsWrong(String from, String to, String expected) {
        assertThat(FILE).contains(from);
        assertThatThrownBy(() -> load(FILE.replace(from, to))).isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: " + expected);
    }
}
