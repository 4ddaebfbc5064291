package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OperationCase.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.OperationCase.Reference;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementOpsTest {
    private static final float EPS = 1e-5f;

    static Stream<OperationCase> cases() {
        return IntStream.of(1, 7, 15, 16, 17, 33).boxed().flatMap(n -> {
            Tensor x = normal("x", 3, n);
            Tensor y = normal("y", 3, n);
            Tensor tall = normal("x", 34 - n, n); // up to 33 rows
            Tensor other = normal("y", 34 - n, n);
            Tensor gamma = normal("gamma", n);
            Tensor beta = normal("beta", n);
            return Stream.of(
                    new OperationCase("gelu " + n, (tape, in) -> ElementOps.gelu(tape, in[0]),
                            each(ElementOpsTest::gelu), x),
                    new OperationCase("tanh " + n, (tape, in) -> ElementOps.tanh(tape, in[0]), each(Math::tanh), x),
                    new OperationCase("add " + n, (tape, in) -> ElementOps.add(tape, in[0], in[1]),
                            in -> sum(in[0], in[1]), x, y),
                    new OperationCase("add to itself " + n, (tape, in) -> ElementOps.add(tape, in[0], in[0]),
                            in -> sum(in[0], in[0]), x),
                    dropout(0.3f, x), dropout(0, x),
                    new OperationCase("layer norm " + tall.shape(),
                            (tape, in) -> ElementOps.layerNorm(tape, in[0], null, in[1], in[2], EPS),
                            in -> layerNorm(in[0], in[1], in[2]), tall, gamma, beta),
                    new OperationCase("layer norm with residual " + tall.shape(),
                            (tape, in) -> ElementOps.layerNorm(tape, in[0], in[1], in[2], in[3], EPS),
                            in -> layerNorm(sum(in[0], in[1]), in[2], in[3]), tall, other, gamma, beta),
                    new OperationCase("layer norm with itself " + tall.shape(),
                            (tape, in) -> ElementOps.layerNorm(tape, in[0], in[0], in[1], in[2], EPS),
                            in -> layerNorm(sum(in[0], in[0]), in[1], in[2]), tall, gamma, beta));
        });
    }

    /** The mask is the one that the same key gives on ones. */
    private static OperationCase dropout(float probability, Tensor x) {
        Tensor kept = dropped(probability, 5, x.size());
        return new OperationCase("dropout of " + probability + ", " + x.size(),
                (tape, in) -> ElementOps.dropout(tape, in[0], probability, 5),
                in -> IntStream.range(0, x.size())
                        .mapToDouble(i -> kept.get(i) == 0 ? 0 : in[0][i] / (1 - probability)).toArray(),
                x);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithDoublePrecision(OperationCase operation) {
        operation.check();
    }

    @ParameterizedTest
    @ValueSource(floats = {0.1f, 0.5f, 0.9f})
    void dropoutDropsItsShareAndScalesTheRest(float probability) {
        int n = 100_000;
        Tensor y = dropped(probability, 1, n);
        double share = IntStream.range(0, n).filter(i -> y.get(i) == 0).count() / (double) n;
        double deviation = Math.sqrt(probability * (1 - probability) / n);
        assertThat(share).isCloseTo(probability, within(4 * deviation));
        for (int i = 0; i < n; i++) {
            assertThat(y.get(i)).isIn(0f, 1 / (1 - probability));
        }
        Tensor other = dropped(probability, 2, n);
        double differing = IntStream.range(0, n).filter(i -> y.get(i) != other.get(i)).count() / (double) n;
        assertThat(differing).as("places where another key decides otherwise")
                .isCloseTo(2 * probability * (1 - probability), within(0.02));
    }

    @Test
    void dropoutIsOffWhereNothingIsTrainedOrDropped() {
        Variable x = Variable.leaf(Tensor.zeros(3));
        try (Tape inference = Tape.inference(Compute.shared(), new Workspace());
                Tape training = Tape.training(Compute.shared(), new Workspace())) {
            assertThat(ElementOps.dropout(inference, x, 0.5f, 1)).isSameAs(x);
            assertThat(ElementOps.dropout(training, x, 0, 1)).isSameAs(x);
        }
    }

    @Test
    void refusesOtherShapesAndProbabilities() {
        Variable x = Variable.leaf(Tensor.zeros(2, 3));
        Variable turned = Variable.leaf(Tensor.zeros(3, 2));
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            assertThatThrownBy(() -> ElementOps.add(tape, x, turned)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("add: shapes differ, lhs (2, 3), rhs (3, 2)");
            for (float probability : new float[] {1, -0.1f, Float.NaN}) {
                assertThatThrownBy(() -> ElementOps.dropout(tape, x, probability, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("dropout: probability " + probability + " is not in [0, 1)");
            }
        }
    }

    /** Ones after dropout: what it multiplies by. */
    static Tensor dropped(float probability, long key, int n) {
        Tensor ones = Tensor.zeros(n);
        ones.fill(1);
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            return ElementOps.dropout(tape, Variable.constant(ones), probability, key).value().copy();
        }
    }

    private static Reference each(DoubleUnaryOperator function) {
        return in -> Arrays.stream(in[0]).map(function).toArray();
    }

    private static double[] sum(double[] x, double[] y) {
        return IntStream.range(0, x.length).mapToDouble(i -> x[i] + y[i]).toArray();
    }

    /** x·Φ(x), with Φ by the series whose terms have one sign (Abramowitz and Stegun 7.1.6). */
    static double gelu(double x) {
        double z = x / Math.sqrt(2);
        double term = z;
        double series = z;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(series); n++) {
            term *= 2 * z * z / (2 * n + 1);
            series += term;
        }
        return x * 0.5 * (1 + 2 / Math.sqrt(Math.PI) * Math.exp(-z * z) * series);
    }

    private static double[] layerNorm(double[] x, double[] gamma, double[] beta) {
        int n = gamma.length;
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += n) {
            double[] values = Arrays.copyOfRange(x, row, row + n);
            double mean = Arrays.stream(values).average().orElseThrow();
            double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            for (int j = 0; j < n; j++) {
                y[row + j] = (values[j] - mean) / Math.sqrt(variance + EPS) * gamma[j] + beta[j];
            }
        }
        return y;
    }
}
