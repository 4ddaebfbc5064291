package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RmsNormsTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int ROWS = 35;
    private static final float EPS = 1e-6f;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 15, 16, 17, 31, 33, 127, 1000})
    void agreesWithDoublePrecision(int n) {
        Tensor x = ORDINARY.tensor(0, ROWS, n);
        Tensor gamma = ORDINARY.tensor(1, n);
        Tensor dy = ORDINARY.tensor(2, ROWS, n);
        Tensor y = Values.unset(ROWS, n);
        Tensor dx = Values.unset(ROWS, n);
        Tensor inverses = Values.unset(ROWS);
        RmsNorms.forward(COMPUTE, x, gamma, EPS, y, inverses);
        RmsNorms.backward(COMPUTE, x, gamma, inverses, dy, dx);
        double relative = (n / 16 + 12) * U;
        for (int row = 0; row < ROWS; row++) {
            int i = row;
            double inverse = inverse(x, i);
            requireWithin(n, y.rows(i, i + 1).toArray(), j -> x.get(i, j) * inverse * gamma.get(j),
                    j -> relative * Math.abs(x.get(i, j) * inverse * gamma.get(j)));
            // Σₖ gₖ·∂x̂ₖ/∂xⱼ, with the derivative δⱼₖ·r - xⱼ·xₖ·r³/n written out
            requireWithin(n, dx.rows(i, i + 1).toArray(), j -> IntStream.range(0, n).mapToDouble(
                    k -> term(x, gamma, dy, i, j, k, inverse)).sum(),
                    j -> 2 * relative * IntStream.range(0, n).mapToDouble(
                            k -> Math.abs(term(x, gamma, dy, i, j, k, inverse))).sum() + relative * inverse
                                    * Math.abs((double) dy.get(i, j) * gamma.get(j)));
        }
    }

    private static double inverse(Tensor x, int i) {
        int n = x.dim(1);
        double squares = IntStream.range(0, n).mapToDouble(j -> (double) x.get(i, j) * x.get(i, j)).sum();
        return 1 / Math.sqrt(squares / n + EPS);
    }

    private static double term(Tensor x, Tensor gamma, Tensor dy, int i, int j, int k, double inverse) {
        double derivative = (j == k ? inverse : 0) - (double) x.get(i, j) * x.get(i, k) * inverse * inverse * inverse
                / x.dim(1);
        return (double) dy.get(i, k) * gamma.get(k) * derivative;
    }

    @Test
    void gradientsMayTakeThePlaceOfTheOneTheyComeFromAndAreAdded() {
        int n = 33;
        Tensor x = ORDINARY.tensor(0, ROWS, n);
        Tensor gamma = ORDINARY.tensor(1, n);
        Tensor dy = ORDINARY.tensor(2, ROWS, n);
        Tensor inverses = Values.unset(ROWS);
        RmsNorms.forward(COMPUTE, x, gamma, EPS, Values.unset(ROWS, n), inverses);
        Tensor dgamma = Values.unset(n);
        dgamma.fill(2);
        RmsNorms.gammaGradient(x, inverses, dy, dgamma);
        requireWithin(n, dgamma.toArray(), j -> 2 + IntStream.range(0, ROWS).mapToDouble(
                i -> dy.get(i, j) * x.get(i, j) * inverse(x, i)).sum(), j -> 2 * ROWS * U
                        * (2 + IntStream.range(0,
                                ROWS).mapToDouble(i -> Math.abs(dy.get(i, j) * x.get(i, j) * inverse(x, i))).sum()));
        Tensor dx = Values.unset(ROWS, n);
        RmsNorms.backward(COMPUTE, x, gamma, inverses, dy, dx);
        RmsNorms.backward(COMPUTE, x, gamma, inverses, dy, dy);
        requireSameBits(dy.toArray(), dx.toArray());
    }
}
