package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Examples that choose the epoch, and the test examples, which choose nothing. */
class ValidationTest {
    @TempDir
    private Path directory;
    private TinyTask task;
    private Path out;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        out = directory.resolve("out");
    }

    private Outcome run(String... more) {
        return Outcome.of(task.finetune(out, more));
    }

    private List<JsonObject> lines(String type) throws IOException {
        List<JsonObject> lines = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
            JsonObject json = new JsonObject(out, type, Json.readLine(line, out, 1));
            if (json.string("type").equals(type)) {
                lines.add(json);
            }
        }
        return lines;
    }

    /** The best epoch's number, the first of equals. */
    private int best() throws IOException {
        int best = 0;
        List<JsonObject> epochs = lines("epoch");
        for (int i = 1; i < epochs.size(); i++) {
            best = epochs.get(i).number("validation_accuracy") > epochs.get(best).number("validation_accuracy") ? i
                    : best;
        }
        return best + 1;
    }

    @Test
    void theBestEpochIsTestedOnceAndIsWhatIsSaved() throws IOException {
        Outcome outcome = run("--validation", "0.25", "--epochs", "8");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("train.tsv: 18 to train, 6 to validate, 12 to test, 2 classes",
                "the best of the validation, ");
        List<JsonObject> epochs = lines("epoch");
        assertThat(epochs).hasSize(8).allMatch(epoch -> !epoch.has("test_accuracy"));
        JsonObject test = lines("test").getFirst();
        assertThat(test.integer("chosen_epoch")).isEqualTo(best());
        JsonObject evaluated = new JsonObject(out, "evaluate", Json.readLine(
                Outcome.of("evaluate", "--json", "--run", out.toString()).out(), out, 1));
        assertThat(evaluated.number("accuracy")).isEqualTo(test.number("test_accuracy"));
        assertThat(evaluated.number("loss")).isEqualTo(test.number("test_loss"));
        assertThat(Outcome.of("compare", "--json", out.toString()).out())
                .contains("\"accuracy\":" + test.number("test_accuracy"));
        assertThat(out.resolve("report.html")).content().contains("validation examples", "test accuracy");
        assertThat(out.resolve("tensorboard")).isDirectoryContaining("glob:**/events.out.tfevents.000009.lorikeet");
    }

    /** The run is the best epoch, whatever else is kept. */
    @Test
    void theLastEpochsAreKeptBesideTheBest() throws IOException {
        assertThat(run("--validation", "0.25", "--epochs", "6", "--keep-epochs", "2").err()).isEmpty();
        assertThat(out.resolve("epochs").toFile().list()).containsExactlyInAnyOrder("5", "6");
        byte[] last = adapter(out.resolve("epochs/6"));
        assertThat(adapter(out.resolve("epochs/5"))).isNotEqualTo(last);
        assertThat(lines("epoch")).hasSize(6);
        Outcome evaluated = Outcome.of("evaluate", "--json", "--run", out.resolve("epochs/6").toString(), "--data",
                task.train().toString());
        assertThat(evaluated.err()).isEmpty();
        assertThat(evaluated.out()).contains("\"accuracy\":");
        run("--epochs", "6", "--force", "--keep-epochs", "1");
        assertThat(out.resolve("epochs").toFile().list()).containsExactly("6");
        assertThat(adapter(out.resolve("epochs/6"))).isEqualTo(adapter(out)).isNotEqualTo(last);
        run("--epochs", "1", "--force");
        assertThat(out.resolve("epochs")).as("those of a run that was replaced").doesNotExist();
        assertThat(run("--force", "--keep-epochs", "-1").err())
                .contains("--keep-epochs: must be at least 0, not -1");
    }

    /** A run that goes on keeps what it was to keep, without being told again. */
    @Test
    void aRunThatGoesOnKeepsItsLastEpochs() throws IOException {
        assertThatThrownBy(() -> WatchedOutput.run("epoch 3 of 6", () -> {
            throw new WatchedOutput.Broken();
        }, task.finetune(out, "--epochs", "6", "--keep-epochs", "2"))).isInstanceOf(WatchedOutput.Broken.class);
        assertThat(out.resolve("epochs").toFile().list()).containsExactlyInAnyOrder("2", "3");
        assertThat(Outcome.of("finetune", "--resume", "--out", out.toString()).err()).isEmpty();
        assertThat(out.resolve("epochs").toFile().list()).containsExactlyInAnyOrder("5", "6");
    }

    private static byte[] adapter(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void patienceEndsARunThatGetsNoBetter() throws IOException {
        Files.writeString(directory.resolve("valid.tsv"), "text\tlabel\na cat waits\tanimal\nan elm waits\tplant\n");
        Outcome outcome = run("--validation", directory.resolve("valid.tsv").toString(), "--patience", "2",
                "--epochs", "40");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("24 to train, 2 to validate, 12 to test",
                "  no better in 2 evaluations: the run ends here");
        assertThat(lines("epoch")).hasSize(best() + 2);
        assertThat(lines("test").getFirst().integer("chosen_epoch")).isEqualTo(best());
        assertThat(Outcome.of("finetune", "--resume", "--out", out.toString()).out())
                .isEqualTo(out + " holds a finished run: there is nothing to go on with\n");
        assertThat(Stream.of(directory.toFile().list())).doesNotContain("out.checkpoint", "out.new");
    }

    @Test
    void whatChoosesMustBeThere() {
        run("--patience", "2").requireRefusal(
                "--patience: needs examples to validate with (validation): those to test with choose nothing");
        run("--validation", "1.5").requireRefusal(
                "--validation: must be a path, a list of paths, or a share between 0 and 1, not \"1.5\"");
        run("--validation", "0.01").requireRefusal(
                "validation: a share of 0.01 of 24 examples leaves none to validate with");
        Outcome.of("preview", "--validation", "valid.tsv").requireRefusal(
                "--validation: must be a share where the examples are built in");
        run("--validation", directory.resolve("none.tsv").toString()).requireRefusal(
                directory.resolve("none.tsv") + ": open: there is no such file");
    }
}
