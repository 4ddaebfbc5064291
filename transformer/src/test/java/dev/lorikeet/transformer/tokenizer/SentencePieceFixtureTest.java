package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of SentencePiece's, beside the ids that it gives itself. */
class SentencePieceFixtureTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "sentencepiece");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"t5", "deberta", "llama", "gemma"})
    void givesTheIdsOfSentencePiece(String name) {
        Tokenizer tokenizer = Tokenizer.ofDirectory(RECORDED.resolve(name));
        JsonObject expected = JsonObject.read(RECORDED.resolve(name).resolve("expected.json"));
        int[] before = ids(expected, "before");
        int[] after = ids(expected, "after");
        List<JsonObject> strings = expected.objects("strings");
        assertThat(strings.size()).isGreaterThan(150);
        for (JsonObject string : strings) {
            int[] ids = IntStream.of(tokenizer.encode(string.string("text"), 1 << 20).ids()).toArray();
            int[] own = ids(string, "ids");
            assertThat(ids).as(name + ": " + string.string("text")).containsExactly(Stream.of(before, own, after)
                    .flatMapToInt(Arrays::stream).toArray());
        }
    }

    @Test
    void theClassSaysWhatIsAroundAText() {
        Tokenizer t5 = Tokenizer.ofDirectory(RECORDED.resolve("t5"));
        assertThat(t5.vocabularySize()).isEqualTo(900);
        assertThat(t5.token(899)).isEqualTo("<extra_id_0>");
        Tokenizer deberta = Tokenizer.ofDirectory(RECORDED.resolve("deberta"));
        assertThat(deberta.maskId()).isEqualTo(700);
        int[] pair = deberta.encode("a", "b", 16).ids();
        assertThat(IntStream.of(pair).mapToObj(deberta::token)).startsWith("[CLS]").endsWith("[SEP]")
                .filteredOn("[SEP]"::equals).hasSize(2);
    }

    @Test
    void anotherClassIsRefused() throws IOException {
        Files.copy(RECORDED.resolve("t5/spiece.model"), directory.resolve("spiece.model"));
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"XLNetTokenizer\"}");
        assertThatThrownBy(() -> Tokenizer.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("tokenizer_config.json") + ": tokenizer_class: beside spiece.model, one "
                        + "of DebertaV2Tokenizer, GemmaTokenizer, LlamaTokenizer, T5Tokenizer is expected, not "
                        + "\"XLNetTokenizer\"");
    }

    /** Cut off anywhere, it is refused by its name, or one piece less. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma"})
    void whatIsCutOffIsRefusedOrShorter(String name) throws IOException {
        byte[] whole = Files.readAllBytes(RECORDED.resolve(name).resolve("tokenizer.model"));
        Files.copy(RECORDED.resolve(name).resolve("tokenizer_config.json"), directory.resolve("tokenizer_config.json"));
        Path file = directory.resolve("tokenizer.model");
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            Files.write(file, Arrays.copyOf(whole, (int) ((long) whole.length * i / 200)));
            try {
                Tokenizer.ofDirectory(directory);
            } catch (InputException e) {
                assertThat(e.getMessage()).startsWith(file + ": ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    private static int[] ids(JsonObject json, String field) {
        return json.list(field).stream().mapToInt(id -> ((Number) id).intValue()).toArray();
    }
}
