package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
    private static final Compute COMPUTE = Cpu.shared();
    /** On both sides of a vector, of a block, and of several. */
    private static final int[] LENGTHS = {1, 2, 15, 0, 16, 17, 33, 63, 64, 65, 127, 300, 1000, 0};
    private static final int[] OFFSETS = offsets(LENGTHS);

    /** Heads, those of the keys, and the size of a head, with and without a mask, a scale and shared keys. */
    private record Form(Attention attention, int d) {

        Attention.Inputs inputs(int... offsets) {
            return inputs(offsets, offsets);
        }

        Attention.Inputs inputs(int[] queryOffsets, int[] keyOffsets) {
            int queries = queryOffsets[queryOffsets.length - 1];
            int keys = keyOffsets[keyOffsets.length - 1];
            return new Attention.Inputs(ORDINARY.tensor(0, queries, attention.heads() * d),
                    ORDINARY.tensor(1, keys, attention.kvHeads() * d),
                    ORDINARY.tensor(2, keys, attention.kvHeads() * d), queryOffsets, keyOffsets);
        }

        /** The output and the gradients of q, k and v. */
        Tensor[] run(Attention.Inputs in, Tensor dout) {
            Tensor[] results = {unsetLike(in.q()), unsetLike(in.q()), unsetLike(in.k()), unsetLike(in.v())};
            Tensor statistics = Values.unset(attention.statisticsShape(in.q()).dims());
            attention.forward(COMPUTE, in, results[0], statistics);
            attention.backward(COMPUTE, in, results[0], statistics, dout, results[1], results[2], results[3]);
            return results;
        }
    }

    static List<Form> forms() {
        return List.of(new Form(Attention.bidirectional(1), 1), new Form(Attention.bidirectional(3), 7),
                new Form(Attention.bidirectional(2), 16), new Form(Attention.causal(2, 2), 8),
                new Form(Attention.causal(4, 2), 16), new Form(Attention.causal(3, 1).withScale(0.7f), 5),
                new Form(new Attention(2, 1, false, 0.05f), 33), new Form(Attention.causal(1, 1), 160),
                new Form(Attention.causal(2, 1).withWindow(1), 4), new Form(Attention.causal(4, 2).withWindow(6), 8),
                new Form(Attention.causal(1, 1).withWindow(64), 8),
                new Form(Attention.causal(2, 2).withWindow(100).withCap(0.5f), 8),
                new Form(Attention.bidirectional(2).withScale(0.7f).withCap(1.5f), 5));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void isTheFormulaForwardAndBackward(Form form) {
        requireFormula(form, form.inputs(OFFSETS), 1);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void queriesMayBeFewerThanKeys(Form form) {
        requireFormula(form, form.inputs(offsets(1, 5, 0, 64, 70), offsets(65, 20, 3, 100, 200)), 1);
    }

    /** Requires it of values of v and the output's gradient around 1, and of q and k around {@code size}. */
    private static void requireFormula(Form form, Attention.Inputs in, double size) {
        Tensor dout = ORDINARY.tensor(3, in.q().shape().dims());
        Tensor[] results = form.run(in, dout);
        int d = form.d;
        int shared = form.attention.heads() / form.attention.kvHeads();
        for (int s = 0; s < in.sequences(); s++) {
            int[] rows = {in.queryOffsets()[s], in.queryOffsets()[s + 1]};
            int[] keys = {in.keyOffsets()[s], in.keyOffsets()[s + 1]};
            double[][] dk = new double[keys[1] - keys[0]][d];
            double[][] dv = new double[keys[1] - keys[0]][d];
            for (int head = 0; head < form.attention.heads() && rows[0] < rows[1]; head++) {
                DoubleAttention formula = DoubleAttention.of(form.attention, in, s, head);
                requireClose(rows, head, results[0], formula.output(), keys[1] - keys[0], 1);
                DoubleAttention.Gradients gradients = formula
                        .gradients(DoubleAttention.part(dout, rows[0], rows[1], head, d));
                requireClose(rows, head, results[1], gradients.dq(), keys[1] - keys[0], size);
                add(dk, gradients.dk());
                add(dv, gradients.dv());
                if (head % shared == shared - 1) {
                    requireClose(keys, head / shared, results[2], dk, shared * (rows[1] - rows[0]), size);
                    requireClose(keys, head / shared, results[3], dv, shared * (rows[1] - rows[0]), 1);
                    dk = new double[keys[1] - keys[0]][d];
                    dv = new double[keys[1] - keys[0]][d];
                }
            }
            if (rows[0] == rows[1]) { // whoever is not looked at has no gradient
                requireClose(keys, 0, results[2], dk, 0, 1);
                requireClose(keys, 0, results[3], dv, 0, 1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theFormulaOfBackwardIsTheDerivative(Form form) {
        Attention.Inputs in = form.inputs(new int[] {0, 3}, new int[] {0, 5});
        DoubleAttention formula = DoubleAttention.of(form.attention, in, 0, 0);
        double[][] dout = DoubleAttention.part(ORDINARY.tensor(3, 3, form.d), 0, 3, 0, form.d);
        DoubleAttention.Gradients gradients = formula.gradients(dout);
        requireClose(gradients.dq(), formula.differences(formula.q(), dout));
        requireClose(gradients.dk(), formula.differences(formula.k(), dout));
        requireClose(gradients.dv(), formula.differences(formula.v(), dout));
    }

    private static void requireClose(double[][] actual, double[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int c = 0; c < expected[i].length; c++) {
                assertThat(Math.abs(actual[i][c] - expected[i][c])).isLessThan(1e-6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void scoresOfAnySizeGiveProbabilities(boolean causal) {
        Form form = new Form(new Attention(1, 1, causal, 0f), 16);
        Attention.Inputs in = form.inputs(OFFSETS);
        for (Tensor x : List.of(in.q(), in.k())) { // integers, and 1/√d is a power of two: every score is exact
            for (int i = x.offset(); i < x.offset() + x.size(); i++) {
                x.data()[i] = Math.round(200 * x.data()[i]);
            }
        }
        in.q().rows(59, 60).set(in.k().rows(59, 60)); // the largest score of a row, twice
        in.k().rows(60, 61).set(in.k().rows(59, 60));
        Tensor[] results = form.run(in, in.v());
        for (int s = 0; s < LENGTHS.length; s++) {
            int[] rows = {OFFSETS[s], OFFSETS[s + 1]};
            requireClose(rows, 0, results[0], DoubleAttention.of(form.attention, in, s, 0).output(), LENGTHS[s], 1);
        }
        for (Tensor result : results) {
            for (float value : result.toArray()) {
                assertThat(value).isFinite();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void scoresNear4000ThatAreAlmostEqualKeepTheirDifferences(boolean causal) {
        Form form = new Form(new Attention(2, 2, causal, 0f), 32);
        Attention.Inputs in = form.inputs(OFFSETS);
        for (Tensor x : List.of(in.q(), in.k())) { // a part that all rows share, and a small one of their own
            for (int i = 0; i < x.size(); i++) {
                x.data()[x.offset() + i] = 10 + i % 64 % 3 + 0.1f * x.data()[x.offset() + i];
            }
        }
        requireFormula(form, in, 13);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theBitsOfASequenceDoNotDependOnItsBatch(Form form) {
        Attention.Inputs in = form.inputs(OFFSETS);
        Tensor dout = ORDINARY.tensor(3, in.q().shape().dims());
        Tensor[] batch = form.run(in, dout);
        for (int s = 0; s < LENGTHS.length; s++) {
            int from = OFFSETS[s];
            int to = OFFSETS[s + 1];
            Tensor[] alone = form.run(Attention.Inputs.of(in.q().rows(from, to), in.k().rows(from, to),
                    in.v().rows(from, to), new int[] {0, to - from}), dout.rows(from, to));
            for (int i = 0; i < alone.length; i++) {
                requireSameBits(alone[i].toArray(), batch[i].rows(from, to).toArray());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,0", "20,1,0", "64,64,0", "65,1,0", "150,3,0", "150,100,0", "200,200,0", "20,1,6", "65,1,6",
        "150,100,6", "200,1,64", "200,100,100"})
    void aCausalRowHasTheSameBitsWhateverIsComputedWithIt(int seen, int queries, int window) {
        Form form = new Form(Attention.causal(4, 2).withWindow(window), 16);
        Attention.Inputs in = form.inputs(0, 200);
        Tensor whole = unsetLike(in.q());
        form.attention.forward(COMPUTE, in, whole, null);
        Attention.Inputs part = new Attention.Inputs(in.q().rows(seen - queries, seen), in.k().rows(0, seen),
                in.v().rows(0, seen), new int[] {0, queries}, new int[] {0, seen});
        Tensor out = unsetLike(part.q());
        form.attention.forward(COMPUTE, part, out, null);
        requireSameBits(out.toArray(), whole.rows(seen - queries, seen).toArray());
    }

    @Test
    void memoryDoesNotGrowWithTheSquareOfTheLength() {
        int length = 4096;
        Form form = new Form(Attention.causal(1, 1), 8);
        Compute alone = new Cpu(new ScalarKernels(), new Workers(1)); // vectors are objects until C2 has been there
        Attention.Inputs in = form.inputs(0, length);
        Tensor out = unsetLike(in.q());
        Tensor statistics = Tensor.zeros(form.attention.statisticsShape(in.q()));
        Tensor[] gradients = {unsetLike(in.q()), unsetLike(in.k()), unsetLike(in.v())};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        form.attention.forward(alone, in, out, statistics);
        form.attention.backward(alone, in, out, statistics, in.v(), gradients[0], gradients[1], gradients[2]);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated + 4L * statistics.size()).isLessThan((long) length * length);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Attention attention = Attention.causal(4, 2);
        Tensor q = Tensor.zeros(6, 32);
        Tensor k = Tensor.zeros(6, 16);
        int[] offsets = {0, 2, 6};
        requireRefused(attention, new Attention.Inputs(q, q, q, offsets, offsets), q,
                "attention: columns are not heads of one size: q (6, 32), k (6, 32), v (6, 32), 4 heads, 2 of keys");
        requireRefused(attention, Attention.Inputs.of(q, k, Tensor.zeros(5, 16), offsets), q,
                "k and v differ in shape");
        requireRefused(attention, Attention.Inputs.of(q, k, k, new int[] {0, 4, 2, 6}), q, "offsets do not ascend");
        requireRefused(attention, Attention.Inputs.of(q, k, k, new int[] {0, 5}), q, "offsets do not ascend");
        requireRefused(attention, new Attention.Inputs(q, k, k, offsets, new int[] {0, 1, 6}), q,
                "sequence 0 has 2 queries and 1 keys");
        requireRefused(attention, new Attention.Inputs(q, k, k, offsets, new int[] {0, 6}), q,
                "3 offsets of queries, 2");
        requireRefused(attention, Attention.Inputs.of(q, k, k, offsets), k,
                "output: (6, 16) where (6, 32) is expected");
        assertThatThrownBy(() -> Attention.causal(4, 3)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention: 3 heads of keys do not divide 4 heads of queries");
        assertThatThrownBy(() -> attention.withScale(Float.NaN)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention: a scale of NaN");
        assertThatThrownBy(() -> attention.withCap(-1f)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention: a cap of -1.0");
        assertThatThrownBy(() -> Attention.bidirectional(2).withWindow(3)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention: a window of 3, not causal");
    }

    private static void requireRefused(Attention attention, Attention.Inputs in, Tensor out, String message) {
        assertThatThrownBy(() -> attention.forward(COMPUTE, in, out, null))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("attention: ")
                .hasMessageContaining(message);
    }

    private static int[] offsets(int... lengths) {
        return IntStream.rangeClosed(0, lengths.length).map(s -> Arrays.stream(lengths, 0, s).sum()).toArray();
    }

    private static Tensor unsetLike(Tensor x) {
        return Values.unset(x.shape().dims());
    }

    private static void add(double[][] sum, double[][] x) {
        for (int i = 0; i < x.length; i++) {
            for (int c = 0; c < x[i].length; c++) {
                sum[i][c] += x[i][c];
            }
        }
    }

    /** Requires an error below that of sums of d, and then of {@code terms}, as large as {@code size} or the result. */
    private static void requireClose(int[] rows, int head, Tensor actual, double[][] expected, int terms,
            double size) {
        double largest = size;
        for (double[] row : expected) {
            largest = Math.max(largest, Arrays.stream(row).map(Math::abs).max().orElseThrow());
        }
        for (int i = 0; i < expected.length; i++) {
            int d = expected[i].length;
            double bound = (d + terms + 16) * U * largest;
            float[] row = new float[d];
            double[] expectedRow = expected[i];
            for (int c = 0; c < d; c++) {
                row[c] = actual.get(rows[0] + i, head * d + c);
            }
            requireWithin(d, row, c -> expectedRow[c], c -> bound);
        }
    }
}
