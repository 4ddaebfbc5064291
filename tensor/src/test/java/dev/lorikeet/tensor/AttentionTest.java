package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    private static final Compute COMPUTE = Compute.shared();
    /** Sequences of 1, 2, 15, 0, 16, 17 and 40 rows. */
    private static final int[] OFFSETS = {0, 1, 3, 18, 18, 34, 51, 91};
    private static final int ROWS = 91;

    /** One head of one sequence in double precision: q, k and v are (length, d). */
    private record Head(double[][] q, double[][] k, double[][] v) {

        static Head of(Tensor q, Tensor k, Tensor v, int from, int to, int first, int d) {
            return new Head(part(q, from, to, first, d), part(k, from, to, first, d), part(v, from, to, first, d));
        }

        /** softmax(q·kᵀ/√d)·v. */
        double[][] attention() {
            int d = q[0].length;
            double[][] out = new double[q.length][d];
            for (int i = 0; i < q.length; i++) {
                double[] p = new double[k.length];
                for (int j = 0; j < k.length; j++) {
                    p[j] = dot(q[i], k[j]) / Math.sqrt(d);
                }
                double largest = Arrays.stream(p).max().orElseThrow();
                double sum = 0;
                for (int j = 0; j < k.length; j++) {
                    p[j] = Math.exp(p[j] - largest);
                    sum += p[j];
                }
                for (int j = 0; j < k.length; j++) {
                    for (int c = 0; c < d; c++) {
                        out[i][c] += p[j] / sum * v[j][c];
                    }
                }
            }
            return out;
        }

        /** ∂(Σ dout∘attention)/∂input by central differences, for an input that is one of q, k and v. */
        double[][] gradient(double[][] input, double[][] dout) {
            double step = 1e-4;
            double[][] gradient = new double[input.length][input[0].length];
            for (int i = 0; i < input.length; i++) {
                for (int c = 0; c < input[i].length; c++) {
                    double value = input[i][c];
                    input[i][c] = value + step;
                    double above = product(dout, attention());
                    input[i][c] = value - step;
                    double below = product(dout, attention());
                    input[i][c] = value;
                    gradient[i][c] = (above - below) / (2 * step);
                }
            }
            return gradient;
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "2,16", "1,33"})
    void isSoftmaxOfScaledScoresTimesValuesInEveryHeadOfEverySequence(int heads, int d) {
        Tensor q = ORDINARY.tensor(0, ROWS, heads * d);
        Tensor k = ORDINARY.tensor(1, ROWS, heads * d);
        Tensor v = ORDINARY.tensor(2, ROWS, heads * d);
        Tensor out = Values.unset(ROWS, heads * d);
        Attention.forward(COMPUTE, q, k, v, OFFSETS, heads, out);
        forEachHead(heads, d, (from, to, first) -> requireClose(part(out, from, to, first, d),
                Head.of(q, k, v, from, to, first, d).attention(), d));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,7"})
    void backwardIsTheDerivative(int heads, int d) {
        Tensor q = ORDINARY.tensor(0, ROWS, heads * d);
        Tensor k = ORDINARY.tensor(1, ROWS, heads * d);
        Tensor v = ORDINARY.tensor(2, ROWS, heads * d);
        Tensor dout = ORDINARY.tensor(3, ROWS, heads * d);
        Tensor dq = Values.unset(ROWS, heads * d);
        Tensor dk = Values.unset(ROWS, heads * d);
        Tensor dv = Values.unset(ROWS, heads * d);
        Attention.backward(COMPUTE, q, k, v, OFFSETS, heads, dout, dq, dk, dv);
        forEachHead(heads, d, (from, to, first) -> {
            Head head = Head.of(q, k, v, from, to, first, d);
            double[][] up = part(dout, from, to, first, d);
            requireClose(part(dq, from, to, first, d), head.gradient(head.q, up), d);
            requireClose(part(dk, from, to, first, d), head.gradient(head.k, up), d);
            requireClose(part(dv, from, to, first, d), head.gradient(head.v, up), d);
        });
    }

    @Test
    void scoresOfAnySizeGiveProbabilities() {
        int d = 16; // scores are integers, and 1/√d is a power of two: every score is exact
        Tensor q = ORDINARY.tensor(0, ROWS, d);
        Tensor k = ORDINARY.tensor(1, ROWS, d);
        for (Tensor x : new Tensor[] {q, k}) {
            for (int i = x.offset(); i < x.offset() + x.size(); i++) {
                x.data()[i] = Math.round(200 * x.data()[i]);
            }
        }
        q.rows(59, 60).set(k.rows(59, 60)); // the largest score of a row, twice
        k.rows(60, 61).set(k.rows(59, 60));
        Tensor v = ORDINARY.tensor(2, ROWS, d);
        Tensor out = Values.unset(ROWS, d);
        Attention.forward(COMPUTE, q, k, v, OFFSETS, 1, out);
        forEachHead(1, d, (from, to, first) -> requireClose(part(out, from, to, first, d),
                Head.of(q, k, v, from, to, first, d).attention(), d));
        Attention.backward(COMPUTE, q, k, v, OFFSETS, 1, v, q.copy(), k.copy(), out);
        for (float value : out.toArray()) {
            assertThat(value).isFinite();
        }
    }

    @Test
    void theBitsOfASequenceDoNotDependOnItsBatch() {
        int heads = 3;
        int d = 7;
        Tensor[] inputs = new Tensor[4];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = ORDINARY.tensor(i, ROWS, heads * d);
        }
        Tensor[] batch = forwardAndBackward(inputs, OFFSETS, heads);
        for (int s = 0; s + 1 < OFFSETS.length; s++) {
            int from = OFFSETS[s];
            int to = OFFSETS[s + 1];
            Tensor[] own = new Tensor[inputs.length];
            Arrays.setAll(own, i -> inputs[i].rows(from, to));
            Tensor[] alone = forwardAndBackward(own, new int[] {0, to - from}, heads);
            for (int i = 0; i < alone.length; i++) {
                requireSameBits(alone[i].toArray(), batch[i].rows(from, to).toArray());
            }
        }
    }

    /** The output and the three gradients for q, k, v and the gradient of the output. */
    private static Tensor[] forwardAndBackward(Tensor[] inputs, int[] offsets, int heads) {
        Tensor[] results = new Tensor[4];
        Arrays.setAll(results, i -> Values.unset(inputs[0].shape().dims()));
        Attention.forward(COMPUTE, inputs[0], inputs[1], inputs[2], offsets, heads, results[0]);
        Attention.backward(COMPUTE, inputs[0], inputs[1], inputs[2], offsets, heads, inputs[3], results[1], results[2],
                results[3]);
        return results;
    }

    /** The rows {@code from} to {@code to} of one sequence, and the first column of one head. */
    private interface HeadCheck {
        void run(int from, int to, int first);
    }

    private static void forEachHead(int heads, int d, HeadCheck check) {
        for (int s = 0; s + 1 < OFFSETS.length; s++) {
            for (int h = 0; h < heads && OFFSETS[s] < OFFSETS[s + 1]; h++) {
                check.run(OFFSETS[s], OFFSETS[s + 1], h * d);
            }
        }
    }

    /** Requires an error below that of sums of d, and then of length, terms as large as the inputs or the result. */
    private static void requireClose(double[][] actual, double[][] expected, int d) {
        double largest = 1;
        for (double[] row : expected) {
            largest = Math.max(largest, Arrays.stream(row).map(Math::abs).max().orElseThrow());
        }
        double bound = (d + expected.length + 16) * U * largest;
        for (int i = 0; i < expected.length; i++) {
            float[] row = new float[d];
            double[] expectedRow = expected[i];
            for (int c = 0; c < d; c++) {
                row[c] = (float) actual[i][c];
            }
            requireWithin(d, row, c -> expectedRow[c], c -> bound);
        }
    }

    private static double[][] part(Tensor x, int from, int to, int first, int d) {
        double[][] part = new double[to - from][d];
        for (int i = from; i < to; i++) {
            for (int c = 0; c < d; c++) {
                part[i - from][c] = x.get(i, first + c);
            }
        }
        return part;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += a[c] * b[c];
        }
        return sum;
    }

    private static double product(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += dot(a[i], b[i]);
        }
        return sum;
    }
}
