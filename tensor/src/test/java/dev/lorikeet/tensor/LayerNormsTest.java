package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

class LayerNormsTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int ROWS = 70;
    private static final int N = 33;
    private static final float EPS = 1e-5f;

    private final Tensor x = ORDINARY.tensor(0, ROWS, N);
    private final Tensor gamma = ORDINARY.tensor(1, N);
    private final Tensor beta = ORDINARY.tensor(2, N);
    private final Tensor dy = ORDINARY.tensor(3, ROWS, N);
    private final Tensor y = Values.unset(ROWS, N);
    private final Tensor statistics = Values.unset(ROWS, 2);

    @Test
    void normalisesEachRowByItself() {
        LayerNorms.forward(COMPUTE, x, gamma, beta, EPS, y, statistics);
        Tensor dx = Values.unset(ROWS, N);
        LayerNorms.backward(COMPUTE, x, gamma, statistics, dy, dx);
        for (int i = 0; i < ROWS; i++) {
            DoubleLayerNorm row = row(i);
            float[] result = new float[N + 2];
            System.arraycopy(y.rows(i, i + 1).toArray(), 0, result, 0, N);
            System.arraycopy(statistics.rows(i, i + 1).toArray(), 0, result, N, 2);
            row.requireForward(result, beta.toArray());
            row.requireBackward(dx.rows(i, i + 1).toArray(), dy.rows(i, i + 1).toArray());
        }
    }

    @Test
    void theGradientMayTakeThePlaceOfTheOneItComesFrom() {
        LayerNorms.forward(COMPUTE, x, gamma, beta, EPS, y, statistics);
        Tensor dx = Values.unset(ROWS, N);
        LayerNorms.backward(COMPUTE, x, gamma, statistics, dy, dx);
        LayerNorms.backward(COMPUTE, x, gamma, statistics, dy, dy);
        requireSameBits(dy.toArray(), dx.toArray());
    }

    @Test
    void theGradientOfGammaIsAddedToWhatIsThere() {
        LayerNorms.forward(COMPUTE, x, gamma, beta, EPS, y, statistics);
        Tensor dgamma = Values.unset(N);
        dgamma.fill(2);
        LayerNorms.gammaGradient(x, statistics, dy, dgamma);
        double[] expected = new double[N];
        double[] magnitude = new double[N];
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < N; j++) {
                double term = dy.get(i, j) * row(i).normalised(j);
                expected[j] += term;
                magnitude[j] += Math.abs(term);
            }
        }
        // a sum of ROWS terms, each with the error of the statistics
        requireWithin(N, dgamma.toArray(), j -> 2 + expected[j], j -> 2 * ROWS * U * (2 + magnitude[j]));
    }

    private DoubleLayerNorm row(int i) {
        return DoubleLayerNorm.of(x.rows(i, i + 1).toArray(), gamma.toArray(), EPS);
    }
}
