package dev.lorikeet.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToldTextTest {
    private static final Tokenizer TOKENIZER = Tokenizer.load(Path.of(System.getProperty("lorikeet.fixtures",
            "fixtures"), "tokenizers", "bytelevel_gpt2", "tokenizer.json"));

    private static List<String> told(ToldText told, String text) {
        List<String> pieces = new ArrayList<>();
        for (int id : TOKENIZER.encode(text, 1000).ids()) {
            if (!told.stopped()) {
                pieces.add(told.append(id));
            }
        }
        pieces.add(told.end());
        return pieces;
    }

    @Test
    void theTextIsWholeAndNeverHalfACharacter() {
        String text = "The café has 日本語 and 😀, said a very serious person.";
        ToldText told = new ToldText(TOKENIZER, List.of());
        List<String> pieces = told(told, text);
        assertThat(pieces).hasSizeGreaterThan(10).noneMatch(piece -> piece.contains("\uFFFD"));
        assertThat(String.join("", pieces)).isEqualTo(text);
        assertThat(told.text()).isEqualTo(text);
        assertThat(told.stopped()).isFalse();
    }

    @Test
    void itEndsBeforeTheFirstStopStringAndTellsNothingOfIt() {
        ToldText told = new ToldText(TOKENIZER, List.of("seriously", "serious person", "a very"));
        assertThat(String.join("", told(told, "It was, said a very serious person."))).isEqualTo("It was, said ");
        assertThat(told.stopped()).isTrue();
        assertThat(told.text()).isEqualTo("It was, said ");
    }

    @Test
    void whatMayBecomeAStopStringWaitsAndComesWhenItDoesNot() {
        ToldText told = new ToldText(TOKENIZER, List.of("abcabd"));
        StringBuilder so = new StringBuilder();
        for (int id : TOKENIZER.encode("x abcabcabc abcab", 100).ids()) {
            so.append(told.append(id));
            assertThat(so.toString()).doesNotEndWith("abcab");
        }
        assertThat(so + told.end()).isEqualTo("x abcabcabc abcab");
    }
}
