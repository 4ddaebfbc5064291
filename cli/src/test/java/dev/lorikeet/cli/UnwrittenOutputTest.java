package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer that nobody got is no success: the disk is full, or the reader has gone. */
class UnwrittenOutputTest {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void finetune() throws IOException {
        assertThat(Outcome.of(TinyTask.in(directory).finetune(directory.resolve("run"), "--epochs", "1")).status())
                .isZero();
    }

    /** As /dev/full. */
    private static final class Full extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("No space left on device");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "predict --help", "predict --run %/run cat", "doctor",
        "predict --run %/run --json cat dog", "predict --run %/run --json", "evaluate --run %/run", "inspect %/run",
        "merge --run %/run --out %/merged", "finetune --recipe %/tiny.yaml --epochs 1 --out %/again"})
    void everyVerbSaysSo(String arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(new ByteArrayInputStream("a cat\na dog\n".getBytes(StandardCharsets.UTF_8)),
                new PrintStream(new Full()), new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(Main.run(terminal, arguments.replace("%", directory.toString()).split(" "))).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("lorikeet: standard output cannot be written\n");
    }
}
