package dev.lorikeet.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.generation.FinishReason;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.Prompt;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnsweringProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long now;

    private void answer(Terminal terminal, int prompts, long secondsEach) {
        try (AnsweringProgress progress = new AnsweringProgress(terminal, prompts, () -> now)) {
            for (int i = 0; i < prompts; i++) {
                now += secondsEach * SECOND;
                assertThat(progress.onToken(i, 1, "a")).isTrue();
                progress.onEnd(i, new Generation(Prompt.of(1), new int[] {1}, "a", FinishReason.STOP, null));
            }
        }
    }

    @Test
    void inAPipeThereIsALineAtEveryTenthThatTakesAWhile() {
        answer(new Terminal(InputStream.nullInputStream(), out, out), 20, 6);
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).startsWith("   10 %   2 of 20 answered")
                .hasSize(9).endsWith("   90 %   18 of 20 answered");
    }

    @Test
    void inAPipeThereIsNoneWhereAllGoesFast() {
        answer(new Terminal(InputStream.nullInputStream(), out, out), 20, 0);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void onATerminalABarComesAndGoes() {
        answer(new Terminal(InputStream.nullInputStream(), out, out, true, 60), 20, 0);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("answers").doesNotContain("answered");
    }
}
