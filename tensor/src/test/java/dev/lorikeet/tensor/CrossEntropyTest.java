package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossEntropyTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int IGNORED = CrossEntropy.IGNORED;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 17, 127, 1000, 5001})
    void isTheMeanOverTheRowsThatCount(int classes) {
        Tensor logits = Values.ORDINARY.tensor(0, 5, classes);
        Elementwise.scale(logits, 4, logits);
        int[] labels = {0, classes - 1, IGNORED, classes / 2, IGNORED};
        Tensor statistics = Values.unset(5, 2);
        float loss = CrossEntropy.forward(COMPUTE, logits, labels, statistics);
        assertThat((double) loss).isCloseTo(loss(logits, labels), within((classes / 16 + 12) * U * 20));
        Tensor gradient = Values.unset(5, classes);
        CrossEntropy.backward(COMPUTE, logits, labels, statistics, 2f, gradient);
        for (int i = 0; i < labels.length; i++) {
            // minus 1 at the label; 2/3 for the loss's own gradient, 3 rows
            double[] expected = DoubleMath.softmax(logits, i);
            int label = labels[i];
            requireWithin(classes, gradient.rows(i, i + 1).toArray(),
                    j -> label == IGNORED ? 0 : (expected[j] - (j == label ? 1 : 0)) * 2 / 3,
                    j -> (classes / 16 + 30) * U * (expected[j] + (j == label ? 1 : 0)));
        }
        CrossEntropy.backward(COMPUTE, logits, labels, statistics, 2f, logits);
        requireSameBits(logits.toArray(), gradient.toArray());
    }

    /** Natural logarithms, as in PyTorch's {@code cross_entropy} with {@code reduction="mean"}. */
    private static double loss(Tensor logits, int[] labels) {
        double total = 0;
        int counted = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED) {
                total -= Math.log(DoubleMath.softmax(logits, i)[labels[i]]);
                counted++;
            }
        }
        return total / counted;
    }

    @Test
    void logitsMayBeLarge() {
        Tensor logits = Tensor.of(new float[] {1e30f, -1e30f, 0, -30_000, -30_001, -29_999}, 2, 3);
        Tensor statistics = Values.unset(2, 2);
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {0, IGNORED}, statistics)).isZero();
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {1, IGNORED}, statistics)).isEqualTo(2e30f);
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {IGNORED, 1}, statistics)).isCloseTo(2.4076059f,
                within(1e-6f)); // 2 + log(1 + 1/e + 1/e²)
    }

    @Test
    void nothingToCountIsNoNumberAndHasNoGradient() {
        Tensor statistics = Values.unset(2, 2);
        int[] labels = {IGNORED, IGNORED};
        assertThat(CrossEntropy.forward(COMPUTE, Tensor.zeros(2, 3), labels, statistics)).isNaN();
        Tensor gradient = Values.unset(2, 3);
        CrossEntropy.backward(COMPUTE, Tensor.zeros(2, 3), labels, statistics, 1f, gradient);
        assertThat(gradient.toArray()).containsOnly(0f);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, -99})
    void refusesALabelThatIsNoClass(int label) {
        assertThatThrownBy(() -> CrossEntropy.forward(COMPUTE, Tensor.zeros(2, 3), new int[] {1, label}, Tensor.zeros(2,
                3))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cross-entropy: label " + label + " of row 1 is not one of 3 classes");
    }
}
