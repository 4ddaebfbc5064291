package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.mlflow.MlflowStub;
import dev.lorikeet.cli.mlflow.MlflowStub.Point;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that an MLflow server hears of. */
@Timeout(60)
class MlflowTest {
    private static final int STEPS = 4 * TinyTask.EPOCHS;

    @TempDir
    private Path directory;
    private TinyTask task;
    private Path out;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        out = directory.resolve("out");
    }

    private static List<Point> points(Path run, String type, String field) {
        return JsonObject.lines(run.resolve("metrics.jsonl")).stream().filter(line -> line.string("type").equals(type))
                .map(line -> new Point(line.integer("step", 0), line.number(field))).toList();
    }

    @Test
    void theServerHearsOfAllThatTheRunWrites() throws IOException {
        try (MlflowStub server = new MlflowStub()) {
            Outcome outcome = Outcome.of(task.finetune(out, "--mlflow", server.address() + "/", "--validation", "0.3"));
            assertThat(outcome.err()).isEmpty();
            assertThat(outcome.out()).contains("MLflow      " + server.address() + "\n");
            assertThat(server.parameters()).containsEntry("training.epochs", Integer.toString(TinyTask.EPOCHS))
                    .containsEntry("method.name", "rslora").containsEntry("tracking.mlflow", server.address())
                    .containsEntry("examples.validation", "7").doesNotContainKey("training.limit");
            assertThat(server.metric("train/loss")).isNotEmpty().isEqualTo(points(out, "step", "loss"));
            assertThat(server.metric("train/gradient_norm")).isEqualTo(points(out, "step", "gradient_norm"));
            assertThat(server.metric("validation/accuracy")).extracting(Point::value).isEqualTo(
                    points(out, "epoch", "validation_accuracy").stream().map(Point::value).toList());
            assertThat(server.metric("test/accuracy")).extracting(Point::value).isEqualTo(
                    points(out, "test", "test_accuracy").stream().map(Point::value).toList());
            assertThat(server.metrics()).contains("baseline/majority class", "test/f1_macro");
            assertThat(server.statuses()).containsExactly("FINISHED");
        }
    }

    @Test
    void aRunThatGoesOnIsTheSameThere() throws IOException {
        try (MlflowStub server = new MlflowStub()) {
            assertThatThrownBy(() -> WatchedOutput.run("epoch 2 of", () -> {
                throw new WatchedOutput.Broken();
            }, task.finetune(out, "--mlflow", server.address(), "--checkpoint-steps", "1")))
                    .isInstanceOf(WatchedOutput.Broken.class);
            assertThat(server.statuses()).containsExactly("FAILED");
            Outcome outcome = Outcome.of("finetune", "--resume", "--out", out.toString());
            assertThat(outcome.err()).isEmpty();
            assertThat(server.requests()).containsOnlyOnce("runs/create");
            assertThat(server.statuses()).containsExactly("FAILED", "RUNNING", "FINISHED");
            assertThat(server.metric("train/loss")).isEqualTo(points(out, "step", "loss"));
            assertThat(server.metric("train/loss")).extracting(Point::step)
                    .isEqualTo(IntStream.rangeClosed(1, STEPS).boxed().toList());
            assertThat(server.metric("test/accuracy")).hasSize(TinyTask.EPOCHS);
        }
    }

    @Test
    void aServerThatIsGoneIsToldOnceAndChangesNothing() throws IOException {
        String gone;
        try (MlflowStub server = new MlflowStub()) {
            gone = server.address();
        }
        Outcome outcome = Outcome.of(task.finetune(out, "--mlflow", gone));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).hasLineCount(1).contains("lorikeet: MLflow: " + gone + " cannot be reached");
        Path other = directory.resolve("other");
        assertThat(Outcome.of(task.finetune(other)).err()).isEmpty();
        assertThat(out.resolve("adapter/adapter_model.safetensors"))
                .hasSameBinaryContentAs(other.resolve("adapter/adapter_model.safetensors"));
        Outcome.of(task.finetune(out, "--mlflow", "databricks")).requireRefusal("--mlflow: must be an address of a "
                + "server, such as http://127.0.0.1:5000, without user and password, not \"databricks\"");
    }
}
