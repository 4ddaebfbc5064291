package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The model reads 16 tokens, two of them special: what is beyond is lost, and everybody who loses something is told.
 */
class TruncatedTextsTest {
    private static final String FITS = "the cat " + "sleeps ".repeat(12).strip();
    private static final String LONG = FITS + " sleeps sleeps";

    @TempDir
    private static Path directory;
    private static Path run;
    private static Outcome finetuned;

    @BeforeAll
    static void finetune() throws IOException {
        TinyTask task = TinyTask.in(directory);
        Files.writeString(task.train(), LONG + "\tanimal\n" + FITS + "\tanimal\n" + LONG + "\tanimal\n",
                StandardOpenOption.APPEND);
        Files.writeString(task.test(), LONG + "\tanimal\n", StandardOpenOption.APPEND);
        run = directory.resolve("run");
        finetuned = Outcome.of(task.finetune(run, "--epochs", "1"));
        assertThat(finetuned.err()).isEmpty();
    }

    @Test
    void finetuneCountsThem() throws IOException {
        String counted = "2 to train and 1 to test have more than 16 tokens, the rest of them is not read";
        assertThat(finetuned.out().lines()).contains("Truncated   " + counted);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")).getFirst())
                .contains("\"train_truncated\":2,\"test_truncated\":1,");
        assertThat(run.resolve("report.html")).content().contains(counted);
    }

    @Test
    void evaluateCountsThem() {
        assertThat(Outcome.of("evaluate", "--run", run.toString()).out().lines())
                .contains("Truncated   1 text has more than 16 tokens, the rest is not read");
    }

    @Test
    void predictSaysHowFarItHasRead() {
        assertThat(Outcome.of("predict", "--run", run.toString(), LONG, FITS).out().lines())
                .startsWith(LONG, "  read up to token 16 of 18").filteredOn(line -> line.contains("read up"))
                .hasSize(1);
        assertThat(Outcome.of("predict", "--run", run.toString(), "--json", LONG, FITS).out().lines())
                .satisfiesExactly(line -> assertThat(line).contains("\"truncated_tokens\":2,"),
                        line -> assertThat(line).contains("\"truncated_tokens\":0,"));
    }
}
