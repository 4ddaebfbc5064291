package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C keeps where the run is, the last finished epoch, and what was there before. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGINT to send")
@Tag("slow")
class StoppedRunTest {
    private static final int SIGINT = 128 + 2;

    @TempDir
    private Path directory;
    private TinyTask task;
    private Path out;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        out = directory.resolve("out");
    }

    @Test
    void afterAnEpochTheFolderHoldsTheLastOneWhole() throws Exception {
        Fork fork = Fork.small(directory, Main.class, task.finetune(out, "--epochs", "5000"));
        fork.await("epoch 1 of 5000");
        fork.interrupt();
        Outcome outcome = fork.end();
        assertThat(outcome.err()).matches(stopped("20000", out + " holds the last finished epoch") + "\n");
        assertThat(outcome.status()).isEqualTo(SIGINT);
        assertThat(entries()).containsExactly("model", "out", "out.checkpoint", "test.tsv", "tiny.yaml", "train.tsv");

        String last = Files.readAllLines(out.resolve("metrics.jsonl")).getLast();
        JsonObject epoch = new JsonObject(out, "", Json.readLine(last, out, 1));
        assertThat(out.resolve("report.html")).content().contains("After epoch " + epoch.integer("epoch") + " of 5000");
        assertThat(Outcome.of("evaluate", "--run", out.toString()).out())
                .contains(String.format(Locale.ROOT, "Loss        %.3f\n", epoch.number("test_loss")));
        assertThat(Outcome.of("predict", "--run", out.toString(), "a cat").status()).isZero();
    }

    @Test
    void beforeTheFirstEpochNothingIsWritten() throws Exception {
        String header = "text\tlabel\n";
        Files.writeString(task.train(), header + Files.readString(task.train()).replace(header, "").repeat(1000));
        Fork fork = Fork.small(directory, Main.class, task.finetune(out));
        fork.await("majority class");
        fork.interrupt();
        Outcome outcome = fork.end();
        assertThat(outcome.err()).isEqualTo("lorikeet: stopped; no step was finished, so nothing was written\n");
        assertThat(outcome.status()).isEqualTo(SIGINT);
        assertThat(entries()).containsExactly("model", "test.tsv", "tiny.yaml", "train.tsv");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "script(1) has other options elsewhere")
    void onATerminalCtrlCDoesTheSameBesideTheBar() throws Exception {
        Fork fork = Fork.onTerminal(directory, Main.class, task.finetune(out, "--epochs", "5000"));
        fork.await("epoch 2 of 5000");
        fork.type("\u0003");
        Outcome outcome = fork.end();
        assertThat(outcome.out()).contains("  epoch 2/5000 ", "^C");
        assertThat(outcome.out().lines()).anyMatch(line -> line.matches(stopped("20000", out
                + " holds the last finished epoch")));
        assertThat(outcome.status()).isEqualTo(SIGINT);
        assertThat(entries()).containsExactly("model", "out", "out.checkpoint", "test.tsv", "tiny.yaml", "train.tsv");
    }

    @Test
    void aRunThatWasThereStaysTillTheNewOneIsFinished() throws Exception {
        assertThat(Outcome.of(task.finetune(out)).status()).isZero();
        byte[] adapter = Files.readAllBytes(out.resolve("adapter/adapter_model.safetensors"));
        Path fresh = directory.resolve("out.new");
        Fork fork = Fork.small(directory, Main.class, task.finetune(out, "--epochs", "5000", "--force"));
        fork.await("epoch 2 of 5000");
        fork.interrupt();
        Outcome outcome = fork.end();
        assertThat(outcome.err()).matches(stopped("20000", fresh + " holds the last finished epoch, " + out
                + " the run before") + "\n");
        assertThat(out.resolve("adapter/adapter_model.safetensors")).hasBinaryContent(adapter);
        assertThat(fresh.resolve("report.html")).content().contains(" of 5000: the run goes on, or was stopped.");
        assertThat(Outcome.of("evaluate", "--run", fresh.toString()).status()).isZero();
        assertThat(entries()).containsExactly("model", "out", "out.checkpoint", "out.new", "test.tsv", "tiny.yaml",
                "train.tsv");

        assertThat(Outcome.of(task.finetune(out, "--epochs", "2", "--force")).status()).isZero();
        assertThat(out.resolve("metrics.jsonl")).content().contains("\"epoch\":2").doesNotContain("\"epoch\":3");
        assertThat(entries()).containsExactly("model", "out", "test.tsv", "tiny.yaml", "train.tsv");
    }

    @Test
    void oneRunAtATimeWritesAFolderAndAKilledOneHoldsItNoLonger() throws Exception {
        Fork fork = Fork.small(directory, Main.class, task.finetune(out, "--epochs", "5000"));
        fork.await("epoch 1 of 5000");
        String refused = out + ": --out: another process is writing it";
        Fork.small(directory, Main.class, task.finetune(out, "--force")).end().requireRefusal(refused);
        Outcome.of("merge", "--run", out.toString(), "--out", out.toString()).requireRefusal(refused);
        fork.kill();
        assertThat(Outcome.of(task.finetune(out, "--epochs", "1", "--force")).err()).isEmpty();
        assertThat(entries()).containsExactly("model", "out", "test.tsv", "tiny.yaml", "train.tsv");
    }

    /** What the command says in the end, as an expression: it is a step between two lines, and how to go on. */
    private String stopped(String steps, String kept) {
        return "lorikeet: stopped after step \\d+ of " + steps + "; " + Pattern.quote(kept
                + "; to go on: lorikeet finetune --resume --out " + out);
    }

    private Stream<String> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList().stream();
        }
    }
}
