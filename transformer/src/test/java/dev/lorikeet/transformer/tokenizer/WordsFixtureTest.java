package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded encodings of words by Hugging Face's library: {@code tokenizers/<family>/words.json}. */
class WordsFixtureTest {
    private static final int NO_LIMIT = 1 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"wordpiece_uncased", "wordpiece_cased", "wordpiece_added"})
    void wordsGiveTheTokensOfTheLibraryAndSayWhichTheyAreOf(String family) {
        Path directory = directory(family);
        Tokenizer tokenizer = Tokenizer.load(directory.resolve("tokenizer.json"));
        List<JsonObject> sentences = JsonObject.read(directory.resolve("words.json")).objects("sentences");
        assertThat(sentences).hasSizeGreaterThan(100);
        for (JsonObject sentence : sentences) {
            List<String> words = sentence.list("words").stream().map(String::valueOf).toList();
            int most = sentence.has("max_length") ? sentence.integer("max_length") : NO_LIMIT;
            Encoding encoding = tokenizer.encodeWords(words, most);
            String what = words + " up to " + most;
            assertThat(List.<Object>copyOf(encoding.tokens())).as(what).isEqualTo(sentence.list("tokens"));
            assertThat(encoding.ids()).as(what).isEqualTo(ints(sentence, "ids"));
            assertThat(encoding.wordOf()).as(what).isEqualTo(ints(sentence, "word_ids"));
            assertThat(encoding.typeIds()).as(what).hasSameSizeAs(encoding.ids()).containsOnly(0);
            assertThat(encoding.ids().length + encoding.truncated()).as(what)
                    .isEqualTo(tokenizer.encodeWords(words, NO_LIMIT).ids().length);
        }
    }

    @Test
    void aTextHasNoWordsAndTheSpecialTokensNeedTheirRoom() {
        Tokenizer tokenizer = Tokenizer.load(directory("wordpiece_uncased").resolve("tokenizer.json"));
        assertThat(Arrays.stream(tokenizer.encode("a good movie", NO_LIMIT).wordOf())).hasSize(5).containsOnly(-1);
        assertThatThrownBy(() -> tokenizer.encodeWords(List.of("a"), 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("encode: a longest length of 1 has no room for 2 special tokens");
    }

    private static Path directory(String family) {
        return Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/tokenizers", family);
    }

    private static int[] ints(JsonObject json, String field) {
        return json.list(field).stream().mapToInt(each -> (Integer) each).toArray();
    }
}
