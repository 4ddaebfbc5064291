package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.Test;

class DrawnInitializationTest {
    private final Tensor a = Tensor.zeros(8, 400);
    private final Tensor b = Tensor.zeros(300, 8);

    @Test
    void kaimingIsUniformWithABoundOfOneOverTheRootOfTheInputs() {
        DrawnInitialization.KAIMING.fill(a, b, 1);
        requireUniform(a, 1 / 20.0);
        assertThat(b.toArray()).containsOnly(0f);
    }

    @Test
    void gaussianHasADeviationOfOneOverTheRank() {
        DrawnInitialization.GAUSSIAN.fill(a, b, 1);
        assertThat(mean(a)).isCloseTo(0, within(4 * 0.125 / Math.sqrt(a.size())));
        assertThat(variance(a)).isCloseTo(1 / 64.0, within(0.1 / 64));
        assertThat(b.toArray()).containsOnly(0f);
    }

    @Test
    void orthogonalHasTwoFactorsWhoseProductIsZero() {
        DrawnInitialization.ORTHOGONAL.fill(a, b, 1);
        // each row of the orthogonal matrix is a unit vector, so an entry of A has the variance (r / 2) / r / 100
        assertThat(variance(a)).isCloseTo(0.005, within(0.0006));
        assertThat(variance(b)).isCloseTo(0.005, within(0.0006));
        for (int i = 0; i < b.dim(0); i += 7) {
            for (int j = 0; j < a.dim(1); j += 7) {
                double sum = 0;
                for (int k = 0; k < 8; k++) {
                    sum += (double) b.get(i, k) * a.get(k, j);
                }
                assertThat(sum).isCloseTo(0, within(1e-8));
            }
        }
    }

    @Test
    void noneFillsBothAsLinearLayersAre() {
        DrawnInitialization.NONE.fill(a, b, 1);
        requireUniform(a, 1 / 20.0);
        requireUniform(b, 1 / Math.sqrt(8));
    }

    @Test
    void theSameKeyGivesTheSameBits() {
        for (DrawnInitialization initialization : DrawnInitialization.values()) {
            Tensor a2 = Tensor.zeros(a.shape());
            Tensor b2 = Tensor.zeros(b.shape());
            a.fill(0);
            b.fill(0);
            initialization.fill(a, b, 5);
            initialization.fill(a2, b2, 5);
            assertThat(a2.toArray()).isEqualTo(a.toArray());
            assertThat(b2.toArray()).isEqualTo(b.toArray());
            initialization.fill(a2, b2, 6);
            assertThat(a2.toArray()).isNotEqualTo(a.toArray());
        }
    }

    private static void requireUniform(Tensor x, double bound) {
        double largest = 0;
        for (float value : x.toArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(largest).isBetween(0.99 * bound, bound * (1 + 1e-6));
        assertThat(mean(x)).isCloseTo(0, within(4 * bound / Math.sqrt(3.0 * x.size())));
        assertThat(variance(x)).isCloseTo(bound * bound / 3, within(0.1 * bound * bound / 3));
    }

    private static double mean(Tensor x) {
        double sum = 0;
        for (float value : x.toArray()) {
            sum += value;
        }
        return sum / x.size();
    }

    private static double variance(Tensor x) {
        double sum = 0;
        for (float value : x.toArray()) {
            sum += (double) value * value;
        }
        return sum / x.size() - mean(x) * mean(x);
    }
}
