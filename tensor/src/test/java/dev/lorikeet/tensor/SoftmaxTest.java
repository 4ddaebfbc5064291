package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    /** Within one block, and over several, in which the largest element comes late. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 15, 16, 17, 31, 33, 127, 1000, 2048, 2049, 10_001})
    void agreesWithDoublePrecision(int n) {
        Tensor x = Values.ORDINARY.tensor(0, 3, n);
        x.data()[x.offset() + n - 1] = 8;
        Tensor dy = Values.ORDINARY.tensor(1, 3, n);
        Tensor y = Values.unset(3, n);
        Tensor dx = Values.unset(3, n);
        Tensor logs = Values.unset(3);
        Softmax.forward(COMPUTE, x, y);
        Softmax.backward(COMPUTE, y, dy, dx);
        Softmax.logSumExp(COMPUTE, x, logs);
        double relative = (n / 16 + 30) * U; // 2 ulp of exp, the rounding of its argument, a sum in 16 lanes
        for (int row = 0; row < 3; row++) {
            int i = row;
            double[] expected = DoubleMath.softmax(x, i);
            requireWithin(n, y.rows(i, i + 1).toArray(), j -> expected[j], j -> relative * expected[j]);
            double mean = IntStream.range(0, n).mapToDouble(j -> expected[j] * dy.get(i, j)).sum();
            requireWithin(n, dx.rows(i, i + 1).toArray(), j -> expected[j] * (dy.get(i, j) - mean),
                    j -> 2 * relative * expected[j] * 5);
            assertThat((double) logs.get(i)).isCloseTo(x.get(i, 0) - Math.log(expected[0]), within(relative * 10));
        }
        Tensor logY = Values.unset(3, n);
        Tensor logDx = Values.unset(3, n);
        Softmax.logForward(COMPUTE, x, logY);
        Softmax.logBackward(COMPUTE, logY, dy, logDx);
        for (int row = 0; row < 3; row++) {
            int i = row;
            double[] expected = DoubleMath.softmax(x, i);
            requireWithin(n, logY.rows(i, i + 1).toArray(), j -> Math.log(expected[j]), j -> relative * 10);
            double sum = IntStream.range(0, n).mapToDouble(j -> dy.get(i, j)).sum();
            double size = IntStream.range(0, n).mapToDouble(j -> Math.abs(dy.get(i, j))).sum();
            requireWithin(n, logDx.rows(i, i + 1).toArray(), j -> dy.get(i, j) - expected[j] * sum,
                    j -> U * Math.abs(dy.get(i, j) - expected[j] * sum) + 2 * relative * expected[j] * size);
        }
        Softmax.backward(COMPUTE, y, dy, dy);
        requireSameBits(dy.toArray(), dx.toArray());
        Softmax.forward(COMPUTE, x, x);
        requireSameBits(x.toArray(), y.toArray());
    }

    @Test
    void whatIsMaskedTakesNoShare() {
        int n = 5000;
        Tensor x = Tensor.zeros(2, n);
        Arrays.fill(x.data(), 0, 2 * n, -INFINITY);
        x.data()[4500] = 1e30f;
        Tensor y = Values.unset(2, n);
        Softmax.forward(COMPUTE, x, y);
        assertThat(y.get(0, 4500)).isEqualTo(1f);
        assertThat(y.get(0, 0)).isZero();
        Tensor logs = Values.unset(2);
        Softmax.logSumExp(COMPUTE, x, logs);
        assertThat(logs.toArray()).containsExactly(1e30f, -INFINITY);
    }
}
