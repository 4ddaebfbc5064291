package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OperationCase.doubles;
import static dev.lorikeet.autograd.OperationCase.normal;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.LinearOps.FrozenWeight;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearOpsTest {
    private static final float SCALING = 1.5f;

    private static Stream<OperationCase> cases() {
        return Stream.of(new int[] {1, 1, 1, 1}, new int[] {7, 15, 17, 1}, new int[] {16, 33, 7, 3},
                new int[] {33, 16, 1, 8}, new int[] {15, 1, 33, 17}, new int[] {17, 7, 16, 16})
                .flatMap(size -> cases(size[0], size[1], size[2], size[3]));
    }

    private static Stream<OperationCase> cases(int rows, int in, int out, int rank) {
        String size = rows + " x " + in + " to " + out + ", rank " + rank;
        Tensor x = normal("x", rows, in);
        Tensor other = normal("other", rows, in);
        Tensor weight = normal("weight", out, in);
        Tensor bias = normal("bias", out);
        Tensor a = normal("a", rank, in);
        Tensor b = normal("b", out, rank);
        Tensor quiet = Tensor.zeros(rows, in); // so that gelu is at work where it bends
        Elementwise.scale(x, 0.2f / in, quiet);
        FrozenWeight frozen = FrozenWeight.of(Compute.shared(), weight);
        double[] w = doubles(weight);
        return Stream.of(
                new OperationCase("frozen, " + size, (tape, v) -> LinearOps.linear(tape, v[0], frozen, null, null),
                        v -> times(v[0], w, rows, in, out), x),
                new OperationCase("frozen with bias, " + size,
                        (tape, v) -> LinearOps.linear(tape, v[0], frozen, v[1], null),
                        v -> plus(times(v[0], w, rows, in, out), v[1]), x, bias),
                new OperationCase("trained, " + size, (tape, v) -> LinearOps.linear(tape, v[0], v[1], null),
                        v -> times(v[0], v[1], rows, in, out), x, weight),
                new OperationCase("trained with bias, " + size,
                        (tape, v) -> LinearOps.linear(tape, v[0], v[1], v[2]),
                        v -> plus(times(v[0], v[1], rows, in, out), v[2]), x, weight, bias),
                new OperationCase("low rank, " + size,
                        (tape, v) -> LinearOps.linear(tape, v[0], frozen, null,
                                new LowRank(v[0], v[1], v[2], SCALING)),
                        v -> plus(times(v[0], w, rows, in, out), lowRank(v[0], v[1], v[2], rows, rank)), x, a, b),
                new OperationCase("gelu of frozen with bias, " + size,
                        (tape, v) -> LinearOps.linearGelu(tape, v[0], frozen, v[1], null),
                        v -> gelu(plus(times(v[0], w, rows, in, out), v[1])), quiet, bias),
                new OperationCase("gelu of low rank, " + size,
                        (tape, v) -> LinearOps.linearGelu(tape, v[0], frozen, null,
                                new LowRank(v[0], v[1], v[2], SCALING)),
                        v -> gelu(plus(times(v[0], w, rows, in, out), lowRank(v[0], v[1], v[2], rows, rank))), quiet,
                        a, b),
                new OperationCase("low rank with bias, on another input, " + size,
                        (tape, v) -> LinearOps.linear(tape, v[0], frozen, v[1],
                                new LowRank(v[2], v[3], v[4], SCALING)),
                        v -> plus(plus(times(v[0], w, rows, in, out), v[1]), lowRank(v[2], v[3], v[4], rows, rank)), x,
                        bias, other, a, b));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithDoublePrecision(OperationCase operation) {
        operation.check();
    }

    /** As LoRA has it: the term's input is the layer's after dropout, so that two gradients meet in x. */
    @Test
    void aLowRankTermMayTakeTheInputAfterDropout() {
        Tensor x = normal("x", 7, 17);
        Tensor weight = normal("weight", 15, 17);
        FrozenWeight frozen = FrozenWeight.of(Compute.shared(), weight);
        double[] w = doubles(weight);
        double[] mask = doubles(ElementOpsTest.dropped(0.5f, 3, x.size()));
        new OperationCase("dropout before the low-rank term",
                (tape, v) -> LinearOps.linear(tape, v[0], frozen, null,
                        new LowRank(ElementOps.dropout(tape, v[0], 0.5f, 3), v[1], v[2], SCALING)),
                v -> {
                    double[] dropped = IntStream.range(0, mask.length).mapToDouble(i -> mask[i] * v[0][i]).toArray();
                    return plus(times(v[0], w, 7, 17, 15), lowRank(dropped, v[1], v[2], 7, 4));
                }, x, normal("a", 4, 17), normal("b", 15, 4)).check();
    }

    @Test
    void refusesAnInputOfAnotherWidth() {
        Variable x = Variable.leaf(Tensor.zeros(4, 5));
        Tensor weight = Tensor.zeros(3, 6);
        String shapes = ".*\\(4, 5\\).*\\((3, 6|6, 3)\\).*";
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            assertThatThrownBy(() -> LinearOps.linear(tape, x, FrozenWeight.of(tape.compute(), weight), null, null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageMatching(shapes);
            assertThatThrownBy(() -> LinearOps.linear(tape, x, Variable.leaf(weight), null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageMatching(shapes);
        }
    }

    /** x (rows, in) times the transpose of w (out, in). */
    private static double[] times(double[] x, double[] w, int rows, int in, int out) {
        double[] y = new double[rows * out];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < out; j++) {
                for (int k = 0; k < in; k++) {
                    y[i * out + j] += x[i * in + k] * w[j * in + k];
                }
            }
        }
        return y;
    }

    private static double[] lowRank(double[] x, double[] a, double[] b, int rows, int rank) {
        double[] reduced = times(x, a, rows, a.length / rank, rank);
        double[] term = times(reduced, b, rows, rank, b.length / rank);
        return IntStream.range(0, term.length).mapToDouble(i -> SCALING * term[i]).toArray();
    }

    private static double[] gelu(double[] x) {
        return Arrays.stream(x).map(ElementOpsTest::gelu).toArray();
    }

    /** Adds y to x, row by row where y is a single row. */
    private static double[] plus(double[] x, double[] y) {
        return IntStream.range(0, x.length).mapToDouble(i -> x[i] + y[i % y.length]).toArray();
    }
}
