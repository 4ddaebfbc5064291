package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KeyboardTest {
    private static Keyboard typing(String text) {
        return Keyboard.open(new Terminal(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), System.out,
                System.err));
    }

    @Test
    void linesComeAsTheyAreTyped() throws IOException {
        try (Keyboard keyboard = typing("où\r\n\nlast")) {
            assertThat(keyboard.line()).isEqualTo("où");
            assertThat(keyboard.interrupted()).isFalse();
            assertThat(keyboard.line()).isEmpty();
            assertThat(keyboard.line()).isEqualTo("last");
            assertThat(keyboard.line()).isNull();
        }
        try (Keyboard keyboard = Keyboard.open(new Terminal(new ByteArrayInputStream(new byte[] {-1, '\n'}), System.out,
                System.err))) {
            assertThatThrownBy(keyboard::line).isInstanceOf(CharacterCodingException.class);
        }
    }

    /** As a terminal sends it that was told to. */
    @Test
    void ctrlCTakesBackWhatWasTypedAndIsSeenBetweenLines() throws IOException {
        try (Keyboard keyboard = typing("one\nhalf\u0003two\n\u0003three\n")) {
            assertThat(keyboard.line()).isEqualTo("one");
            assertThat(keyboard.interrupted()).isTrue();
            assertThat(keyboard.line()).isEqualTo("two");
            assertThat(keyboard.line()).isEmpty();
            assertThat(keyboard.interrupted()).isTrue();
            assertThat(keyboard.line()).isEqualTo("three");
        }
    }
}
