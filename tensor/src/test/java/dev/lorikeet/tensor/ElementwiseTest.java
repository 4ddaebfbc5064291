package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElementwiseTest {
    private static final Compute COMPUTE = Cpu.shared();

    /** None, one, and enough for several tasks. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 16_384, 40_001})
    void functionsAndTheirDerivativesAreThoseOfDoublePrecision(int n) {
        Tensor x = ORDINARY.tensor(0, n);
        Tensor dy = ORDINARY.tensor(1, n);
        float[] in = x.toArray();
        float[] up = dy.toArray();
        Tensor y = Values.unset(n);
        Elementwise.gelu(COMPUTE, x, y);
        requireWithin(n, y.toArray(), i -> DoubleMath.gelu(in[i]), i -> 4 * U * Math.abs(in[i]));
        Elementwise.geluBackward(COMPUTE, x, dy, y);
        requireWithin(n, y.toArray(), i -> up[i] * DoubleMath.geluDerivative(in[i]), i -> 5 * U * Math.abs(up[i]));
        Elementwise.tanh(COMPUTE, x, y);
        requireWithin(n, y.toArray(), i -> Math.tanh(in[i]), i -> 12 * U * Math.abs(Math.tanh(in[i])));
        Elementwise.tanhBackward(y, dy, y);
        requireWithin(n, y.toArray(), i -> up[i] * (1 - Math.tanh(in[i]) * Math.tanh(in[i])),
                i -> 26 * U * Math.abs(up[i])); // tanh² has twice the error of tanh
        Elementwise.sigmoid(COMPUTE, x, y);
        requireWithin(n, y.toArray(), i -> 1 / (1 + Math.exp(-in[i])), i -> 6 * U);
        Elementwise.sigmoidBackward(COMPUTE, y, dy, y);
        requireWithin(n, y.toArray(), i -> up[i] * Math.exp(-in[i]) / Math.pow(1 + Math.exp(-in[i]), 2),
                i -> 8 * U * Math.abs(up[i]));
        Elementwise.relu(COMPUTE, x, y);
        requireWithin(n, y.toArray(), i -> Math.max(in[i], 0), i -> 0);
        Elementwise.reluBackward(COMPUTE, y, dy, y);
        requireWithin(n, y.toArray(), i -> in[i] > 0 ? up[i] : 0, i -> 0);
    }

    @Test
    void reluIsExactAndItsDerivativeAtZeroIsZero() {
        Tensor x = Tensor.of(new float[] {-2, 0, 3, Float.NaN}, 4);
        Tensor y = Values.unset(4);
        Elementwise.relu(COMPUTE, x, y);
        assertThat(y.toArray()).containsExactly(0, 0, 3, Float.NaN);
        Tensor dy = Tensor.of(new float[] {5, 6, 7, 8}, 4);
        Elementwise.reluBackward(COMPUTE, y, dy, dy);
        assertThat(dy.toArray()).containsExactly(0, 0, 7, 0);
    }

    @Test
    void plainArithmeticIsRoundedOnce() {
        int n = 40_001;
        Tensor x = ORDINARY.tensor(0, n);
        Tensor y = ORDINARY.tensor(1, n);
        float[] a = x.toArray();
        float[] b = y.toArray();
        Tensor z = Values.unset(n);
        Elementwise.add(COMPUTE, x, y, z);
        requireWithin(n, z.toArray(), i -> (float) ((double) a[i] + b[i]), i -> 0);
        Elementwise.scale(x, 0.3f, z);
        requireWithin(n, z.toArray(), i -> (float) ((double) a[i] * 0.3f), i -> 0);
        Elementwise.addScaled(x, 0.3f, y);
        requireWithin(n, y.toArray(), i -> b[i] + 0.3f * (double) a[i],
                i -> U * Math.abs(b[i] + 0.3f * (double) a[i]));
    }

    @Test
    void sumsRowsInTheirOrder() {
        Tensor x = Tensor.of(new float[] {1e8f, 1, 0.5f, 2, -1e8f, 3}, 3, 2);
        Tensor sums = Values.unset(2);
        Elementwise.sumRows(x, sums, false);
        assertThat(sums.toArray()).containsExactly(0, 6);
        Elementwise.sumRows(x.rows(1, 3), sums, true);
        assertThat(sums.toArray()).containsExactly(-1e8f, 11);
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, 0.1f, 0.5f, 0.9f})
    void dropoutKeepsItsShareAndScalesIt(float probability) {
        int n = 40_001;
        Tensor ones = Values.unset(n);
        ones.fill(1);
        float[] mask = dropout(ones, probability, 5);
        int kept = 0;
        for (float value : mask) {
            assertThat(value == 0f || value == 1 / (1 - probability)).isTrue();
            kept += value == 0f ? 0 : 1;
        }
        double keep = 1 - probability;
        assertThat((double) kept / n).isCloseTo(keep, within(4 * Math.sqrt(keep * probability / n)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 1024, 16_384})
    void dropoutDropsEachElementByItself(int distance) {
        Tensor ones = Values.unset(40_001);
        ones.fill(1);
        float[] mask = dropout(ones, 0.25f, 5);
        int both = 0;
        for (int i = distance; i < mask.length; i++) {
            both += mask[i] != 0 && mask[i - distance] != 0 ? 1 : 0;
        }
        assertThat((double) both / (mask.length - distance)).isCloseTo(0.75 * 0.75, within(0.015));
    }

    @Test
    void dropoutHasOneMaskForEachKey() {
        Tensor ones = Values.unset(40_001);
        ones.fill(1);
        Tensor x = ORDINARY.tensor(0, ones.size());
        float[] mask = dropout(ones, 0.25f, 5);
        Tensor dropped = Tensor.of(dropout(x, 0.25f, 5), x.size()); // the same elements of another tensor, twice
        requireWithin(x.size(), dropped.toArray(), i -> (float) ((double) x.get(i) * mask[i]), i -> 0);
        requireSameBits(dropout(ones, 0.25f, 5), mask);
        int both = 0;
        float[] other = dropout(ones, 0.25f, 6);
        for (int i = 0; i < mask.length; i++) {
            both += mask[i] != 0 && other[i] != 0 ? 1 : 0;
        }
        assertThat((double) both / mask.length).isCloseTo(0.75 * 0.75, within(0.01));
    }

    private static float[] dropout(Tensor x, float probability, long key) {
        Tensor y = Values.unset(x.size());
        Elementwise.dropout(COMPUTE, x, probability, key, y);
        return y.toArray();
    }
}
