package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link ElementSpecs} do not say. */
class ElementOpsTest {
    @ParameterizedTest
    @ValueSource(floats = {0.1f, 0.5f, 0.9f})
    void dropoutDropsItsShareAndScalesTheRest(float probability) {
        int n = 100_000;
        Tensor y = ElementSpecs.dropped(probability, 1, n);
        double share = IntStream.range(0, n).filter(i -> y.get(i) == 0).count() / (double) n;
        double deviation = Math.sqrt(probability * (1 - probability) / n);
        assertThat(share).isCloseTo(probability, within(4 * deviation));
        for (int i = 0; i < n; i++) {
            assertThat(y.get(i)).isIn(0f, 1 / (1 - probability));
        }
        Tensor other = ElementSpecs.dropped(probability, 2, n);
        double differing = IntStream.range(0, n).filter(i -> y.get(i) != other.get(i)).count() / (double) n;
        assertThat(differing).as("places where another key decides otherwise")
                .isCloseTo(2 * probability * (1 - probability), within(0.02));
    }

    @Test
    void dropoutIsOffWhereNothingIsTrainedOrDropped() {
        Variable x = Variable.leaf(Tensor.zeros(3));
        try (Tape inference = Tape.inference(Cpu.shared(), new Workspace());
                Tape training = Tape.training(Cpu.shared(), new Workspace())) {
            assertThat(ElementOps.dropout(inference, x, 0.5f, 1)).isSameAs(x);
            assertThat(ElementOps.dropout(training, x, 0, 1)).isSameAs(x);
        }
    }

    @Test
    void reluPassesNoGradientAtZero() {
        Variable x = Variable.leaf(Tensor.of(new float[] {0, -0f, 1, Float.NaN, -2}, 5));
        Tensor ones = Tensor.zeros(5);
        ones.fill(1);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable y = ElementOps.relu(tape, x);
            assertThat(y.value().toArray()).containsExactly(0, 0, 1, Float.NaN, 0);
            tape.backward(Losses.weightedSum(tape, y, ones));
        }
        assertThat(x.gradientOrThrow().toArray()).containsExactly(0, 0, 1, 0, 0);
    }

    @Test
    void sigmoidOfLargeNumbersIsZeroOrOne() {
        Variable x = Variable.leaf(Tensor.of(new float[] {-1e30f, -200, 200, 1e30f}, 4));
        Tensor ones = Tensor.zeros(4);
        ones.fill(1);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable y = ElementOps.sigmoid(tape, x);
            assertThat(y.value().toArray()).containsExactly(0, 0, 1, 1);
            tape.backward(Losses.weightedSum(tape, y, ones));
        }
        assertThat(x.gradientOrThrow().toArray()).containsExactly(0, 0, 0, 0);
    }
}
