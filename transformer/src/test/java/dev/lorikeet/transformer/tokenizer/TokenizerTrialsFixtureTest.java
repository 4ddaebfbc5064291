package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Files of tokenizers that went wrong once: {@code trials}, with a README in each. */
class TokenizerTrialsFixtureTest {
    private static final Path TRIAL = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"),
            "trials/fuzz-added-token-space");

    /** The ids are those of tokenizers 0.23.3. */
    @Test
    void anAddedTokenOfWhiteSpaceIsFoundOnce() {
        Tokenizer tokenizer = Tokenizer.load(TRIAL.resolve("tokenizer.json"));
        assertThat(tokenizer.encode("a \u2029a", 20).ids()).containsExactly(2, 4, 8, 4, 3);
        assertThat(tokenizer.encode("a\n\n\n a", 20).ids()).containsExactly(2, 4, 8, 4, 3);
        assertThat(tokenizer.encode(" \n \n", 20).ids()).containsExactly(2, 8, 3);
    }

    @Test
    void anAddedTokenOfNothingIsRefused() {
        Path mark = TRIAL.resolve("mark/tokenizer.json");
        assertThatThrownBy(() -> Tokenizer.load(mark)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(mark + ": added_tokens[0].content: ")
                .hasMessageEndingWith("is nothing once it is normalized");
    }
}
