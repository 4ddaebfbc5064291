package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OperationCase.doubles;
import static dev.lorikeet.autograd.OperationCase.normal;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceOpsTest {
    /** Sequences of 1, 7, 15 and 16 rows. */
    private static final int[] OFFSETS = {0, 1, 8, 23, 39};

    static Stream<OperationCase> cases() {
        return Stream.concat(
                IntStream.of(1, 7, 15, 16, 17, 33).boxed().flatMap(SequenceOpsTest::rowCases),
                Stream.of(attention(1, 1, OFFSETS), attention(7, 1, OFFSETS), attention(15, 3, OFFSETS),
                        attention(16, 2, 0, 17), attention(17, 1, 0, 33), attention(33, 3, 0, 17),
                        selfAttention(16, 2, 0, 7, 24),
                        attention(Attention.causal(4, 2), 4, OFFSETS),
                        attention(new Attention(2, 1, true, 0.3f), 3, 0, 9)));
    }

    private static Stream<OperationCase> rowCases(int n) {
        Tensor table = normal("table", 7, n);
        Tensor x = normal("x", 39, n);
        int[] index = {2, 0, 6, 2, 5, 0, 2};
        double[] padding = doubles(table.rows(2, 3));
        return Stream.of(
                new OperationCase("embedding " + n,
                        (tape, in) -> SequenceOps.embedding(tape, in[0], index, SequenceOps.NO_PADDING),
                        in -> gather(in[0], n, index), table),
                new OperationCase("embedding " + n + " with padding", // whose row does not move
                        (tape, in) -> SequenceOps.embedding(tape, in[0], index, 2), in -> {
                            double[] held = in[0].clone();
                            System.arraycopy(padding, 0, held, 2 * n, n);
                            return gather(held, n, index);
                        }, table),
                new OperationCase("mean " + n, (tape, in) -> SequenceOps.mean(tape, in[0], OFFSETS),
                        in -> mean(in[0], n), x),
                new OperationCase("first " + n, (tape, in) -> SequenceOps.first(tape, in[0], OFFSETS),
                        in -> gather(in[0], n, 0, 1, 8, 23), x));
    }

    private static OperationCase attention(int hidden, int heads, int... offsets) {
        int rows = offsets[offsets.length - 1];
        return new OperationCase("attention " + rows + " x " + hidden + ", heads " + heads,
                (tape, in) -> SequenceOps.attention(tape, in[0], in[1], in[2], offsets, heads),
                in -> attention(Attention.bidirectional(heads), in[0], in[1], in[2], hidden, offsets),
                normal("q", rows, hidden), normal("k", rows, hidden), normal("v", rows, hidden));
    }

    private static OperationCase attention(Attention attention, int d, int... offsets) {
        int rows = offsets[offsets.length - 1];
        int hidden = attention.heads() * d;
        int kvHidden = attention.kvHeads() * d;
        return new OperationCase(attention + ", " + rows + " rows",
                (tape, in) -> SequenceOps.attention(tape, attention, in[0], in[1], in[2], offsets),
                in -> attention(attention, in[0], in[1], in[2], hidden, offsets), normal("q", rows, hidden),
                normal("k", rows, kvHidden), normal("v", rows, kvHidden));
    }

    private static OperationCase selfAttention(int hidden, int heads, int... offsets) {
        return new OperationCase("attention of one input",
                (tape, in) -> SequenceOps.attention(tape, in[0], in[0], in[0], offsets, heads),
                in -> attention(Attention.bidirectional(heads), in[0], in[0], in[0], hidden, offsets),
                normal("x", offsets[offsets.length - 1], hidden));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithDoublePrecision(OperationCase operation) {
        operation.check();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4})
    void refusesAnIndexOutsideTheTable(int index) {
        Variable table = Variable.leaf(Tensor.zeros(4, 3));
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            assertThatThrownBy(() -> SequenceOps.embedding(tape, table, new int[] {0, index}, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("embedding: index " + index + " is not in a table of 4 entries");
        }
    }

    private static double[] gather(double[] table, int n, int... index) {
        double[] y = new double[index.length * n];
        for (int i = 0; i < index.length; i++) {
            System.arraycopy(table, index[i] * n, y, i * n, n);
        }
        return y;
    }

    private static double[] mean(double[] x, int n) {
        double[] y = new double[(OFFSETS.length - 1) * n];
        for (int s = 0; s < OFFSETS.length - 1; s++) {
            for (int i = OFFSETS[s]; i < OFFSETS[s + 1]; i++) {
                for (int j = 0; j < n; j++) {
                    y[s * n + j] += x[i * n + j] / (OFFSETS[s + 1] - OFFSETS[s]);
                }
            }
        }
        return y;
    }

    private static double[] attention(Attention form, double[] q, double[] k, double[] v, int hidden,
            int... offsets) {
        double[] out = new double[q.length];
        int d = hidden / form.heads();
        int kvHidden = form.kvHeads() * d;
        double scale = form.scale() > 0 ? form.scale() : 1 / Math.sqrt(d);
        for (int s = 0; s < offsets.length - 1; s++) {
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                int end = form.causal() ? i + 1 : offsets[s + 1];
                for (int head = 0; head < form.heads(); head++) {
                    int first = head / (form.heads() / form.kvHeads()) * d;
                    double total = 0;
                    double[] weights = new double[end];
                    for (int j = offsets[s]; j < end; j++) {
                        weights[j] = Math.exp(scale * dot(d, q, i * hidden + head * d, k, j * kvHidden + first));
                        total += weights[j];
                    }
                    for (int j = offsets[s]; j < end; j++) {
                        for (int c = 0; c < d; c++) {
                            out[i * hidden + head * d + c] += weights[j] / total * v[j * kvHidden + first + c];
                        }
                    }
                }
            }
        }
        return out;
    }

    private static double dot(int n, double[] x, int xo, double[] y, int yo) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[xo + i] * y[yo + i];
        }
        return sum;
    }
}
