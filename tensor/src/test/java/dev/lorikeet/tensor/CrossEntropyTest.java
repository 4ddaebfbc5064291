package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossEntropyTest {
    private static final Compute COMPUTE = Compute.shared();
    private static final int IGNORED = CrossEntropy.IGNORED;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 17, 127, 1000})
    void isTheMeanOverTheRowsThatCount(int classes) {
        Tensor logits = Values.ORDINARY.tensor(0, 5, classes);
        Elementwise.scale(logits, 4, logits);
        int[] labels = {0, classes - 1, IGNORED, classes / 2, IGNORED};
        Tensor probabilities = Values.unset(5, classes);
        float loss = CrossEntropy.forward(COMPUTE, logits, labels, probabilities);
        assertThat((double) loss).isCloseTo(loss(logits, labels), within((classes / 16 + 12) * U * 20));
        requireSoftmax(logits, probabilities);

        Tensor gradient = Values.unset(5, classes);
        CrossEntropy.backward(probabilities, labels, 2f, gradient);
        for (int i = 0; i < labels.length; i++) {
            double[] expected = softmax(logits, i); // minus 1 at the label; 2/3 for the loss's own gradient, 3 rows
            int label = labels[i];
            requireWithin(classes, gradient.rows(i, i + 1).toArray(),
                    j -> label == IGNORED ? 0 : (expected[j] - (j == label ? 1 : 0)) * 2 / 3,
                    j -> (classes / 16 + 30) * U * (expected[j] + (j == label ? 1 : 0)));
        }
    }

    /** Natural logarithms, as in PyTorch's {@code cross_entropy} with {@code reduction="mean"}. */
    private static double loss(Tensor logits, int[] labels) {
        double total = 0;
        int counted = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED) {
                total -= Math.log(softmax(logits, i)[labels[i]]);
                counted++;
            }
        }
        return total / counted;
    }

    private static double[] softmax(Tensor logits, int i) {
        double[] p = new double[logits.dim(1)];
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < p.length; j++) {
            largest = Math.max(largest, logits.get(i, j));
        }
        double sum = 0;
        for (int j = 0; j < p.length; j++) {
            p[j] = Math.exp(logits.get(i, j) - largest);
            sum += p[j];
        }
        for (int j = 0; j < p.length; j++) {
            p[j] /= sum;
        }
        return p;
    }

    /** Requires softmax up to 2 ulp of exp, the rounding of its argument, and a sum in 16 lanes. */
    private static void requireSoftmax(Tensor logits, Tensor probabilities) {
        int classes = logits.dim(1);
        for (int i = 0; i < logits.dim(0); i++) {
            double[] expected = softmax(logits, i);
            requireWithin(classes, probabilities.rows(i, i + 1).toArray(), j -> expected[j],
                    j -> (classes / 16 + 30) * U * expected[j]);
        }
    }

    @Test
    void softmaxStandsAlone() {
        Tensor logits = Values.ORDINARY.tensor(0, 3, 4, 33);
        Tensor probabilities = Values.unset(3, 4, 33);
        CrossEntropy.softmax(COMPUTE, logits, probabilities);
        requireSoftmax(logits.reshape(12, 33), probabilities.reshape(12, 33));
    }

    @Test
    void logitsMayBeLarge() {
        Tensor logits = Tensor.of(new float[] {1e30f, -1e30f, 0, -30_000, -30_001, -29_999}, 2, 3);
        Tensor probabilities = Values.unset(2, 3);
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {0, IGNORED}, probabilities)).isZero();
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {1, IGNORED}, probabilities)).isEqualTo(2e30f);
        assertThat(CrossEntropy.forward(COMPUTE, logits, new int[] {IGNORED, 1}, probabilities)).isCloseTo(2.4076059f,
                within(1e-6f)); // 2 + log(1 + 1/e + 1/e²)
    }

    @Test
    void nothingToCountIsNoNumberAndHasNoGradient() {
        Tensor probabilities = Values.unset(2, 3);
        int[] labels = {IGNORED, IGNORED};
        assertThat(CrossEntropy.forward(COMPUTE, Tensor.zeros(2, 3), labels, probabilities)).isNaN();
        Tensor gradient = Values.unset(2, 3);
        CrossEntropy.backward(probabilities, labels, 1f, gradient);
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
