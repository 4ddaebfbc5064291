package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private static final Step FIRST = new Step(1, 1, 4, 0.1 + 0.2, Double.NaN, 0, 17, 1.5);
    private static final Step SECOND = new Step(2, 1, 4, -0.0, Double.POSITIVE_INFINITY, 1 / 3.0, 3, 0.25);
    private static final List<Evaluation> EVALUATIONS = List.of(
            new Evaluation(0.7, Map.of("pearson", Double.NaN), null),
            Evaluation.of(new Classified(3, new int[] {0, 2, 2, 0}, new int[] {1, 2, 2, 1},
                    new float[] {0.4f, 1, Float.MIN_NORMAL, 1 / 3f}), 0.3),
            Evaluation.of(new Fit(List.of("a", "b"), new float[] {1, 2, 3, 5}, new float[] {1, 2.5f, 3, 4}), 0.2),
            Evaluation.of(new Labelled(List.of("x", "y"), new boolean[][] {{true, false}, {false, false}},
                    new float[][] {{0.1f, 0.9f}, {1, 0}}, new Thresholds(List.of(0.5, 0.25))), 0.2));
    private static final TrainState STATE = new TrainState(
            new TrainingResult(List.of(FIRST, SECOND), List.of(
                    new Epoch(1, 3, 2 / 3.0, null, 1, 20),
                    new Epoch(2, 3, 1, EVALUATIONS.get(0), 1, 1L << 40),
                    new Epoch(3, 3, 1, EVALUATIONS.get(1), 1, 20),
                    new Epoch(4, 5, 1, EVALUATIONS.get(2), 1, 20),
                    new Epoch(5, 5, 1, EVALUATIONS.get(3), 1, 20)),
                    List.of(new Validation(1, 1, new Evaluation(0.1, Map.of(), null), false),
                            new Validation(2, 2, EVALUATIONS.get(0), true),
                            new Validation(3, 3, EVALUATIONS.get(1), false),
                            new Validation(4, 4, EVALUATIONS.get(2), true),
                            new Validation(5, 5, EVALUATIONS.get(3), false))),
            List.of(Tensor.of(new float[] {1, -0f, Float.MIN_VALUE, 4, 5, 6}, 2, 3), Tensor.of(new float[] {7}, 1)),
            List.of(Tensor.of(new float[] {0, 0, 0, 0, 0, -0f}, 2, 3), Tensor.of(new float[] {8}, 1)),
            Map.of("optimizer", new OptimizerState(2, Map.of("a.b:c.exp_avg", Tensor.of(new float[] {1, 2}, 2))),
                    "optimizer:a", new OptimizerState(1, Map.of())));

    @TempDir
    private Path directory;

    @Test
    void whatIsWrittenIsReadAgain() {
        Path file = directory.resolve("deep/state");
        StateFile.write(file, STATE, Map.of("name", "é", "list", List.of(1, 2)));
        Saved saved = StateFile.read(file);
        assertThat(StateFile.isState(file)).isTrue();
        assertThat(StateFile.isState(directory)).isFalse();
        assertThat(saved.about().string("name")).isEqualTo("é");
        assertThat(saved.about().source()).isEqualTo(file);
        TrainState state = saved.state();
        assertThat(state.updates()).isEqualTo(2);
        assertThat(state.done().steps()).isEqualTo(STATE.done().steps());
        requireSame(state.parameters(), STATE.parameters());
        requireSame(state.bestParameters(), STATE.bestParameters());
        assertThat(state.optimizers()).containsOnlyKeys("optimizer", "optimizer:a");
        assertThat(state.optimizers().get("optimizer").steps()).isEqualTo(2);
        assertThat(state.optimizers().get("optimizer").tensors().get("a.b:c.exp_avg").toArray()).containsExactly(1, 2);
        assertThat(state.optimizers().get("optimizer:a").tensors()).isEmpty();
        for (int i = 0; i < 5; i++) {
            Epoch expected = STATE.done().epochs().get(i);
            Epoch epoch = state.done().epochs().get(i);
            String[] other = i < 3 ? new String[] {"evaluation.metrics", "evaluation.details"}
                    : new String[] {"evaluation.metrics"}; // of the best and of the last, details are kept
            assertThat(epoch).usingRecursiveComparison().ignoringFields(other).isEqualTo(expected);
            assertThat(epoch.toString()).startsWith(expected.toString().replaceFirst("details=.*", ""));
            Validation validation = state.done().validations().get(i);
            assertThat(validation).usingRecursiveComparison().ignoringFields(other)
                    .isEqualTo(STATE.done().validations().get(i));
            assertThat(i == 0 ? validation.evaluation().metrics() : validation.evaluation())
                    .as("is there once").isEqualTo(i == 0 ? Map.of() : epoch.evaluation());
        }
        assertThat(state.done().best()).isEqualTo(state.done().validations().get(3));
    }

    private static void requireSame(List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
            assertThat(actual.get(i).toArray()).containsExactly(expected.get(i).toArray());
        }
    }

    /** Each byte of the file counts. */
    @Test
    void everyDamagedOrCutFileIsRefused() throws IOException {
        Path file = directory.resolve("state");
        StateFile.write(file, STATE, Map.of());
        byte[] good = Files.readAllBytes(file);
        Path other = directory.resolve("other");
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(other, bad);
            assertThatThrownBy(() -> StateFile.read(other)).as("byte %d", i).isInstanceOf(InputException.class)
                    .hasMessageStartingWith(other + ": ");
            Files.write(other, Arrays.copyOf(good, i));
            assertThatThrownBy(() -> StateFile.read(other)).as("%d bytes", i).isInstanceOf(InputException.class);
        }
    }

    @Test
    void otherFilesAndVersionsAreRefusedByName() {
        Path file = directory.resolve("state");
        Safetensors.write(file, Map.of(), Map.of("format", "pt"));
        assertThatThrownBy(() -> StateFile.read(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": __metadata__: is not that of a run's state");
        Safetensors.write(file, Map.of(), Map.of("state", "{\"format\": 1}", "about", "{}", "sha256", ""));
        assertThatThrownBy(() -> StateFile.read(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": state.format: 1 is not 3, the one that this version reads");
    }
}
