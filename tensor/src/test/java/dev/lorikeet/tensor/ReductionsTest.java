package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionsTest {
    private static final Compute COMPUTE = Cpu.shared();

    /** None, one, and enough for several blocks. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 17, 33, 1024, 1025, 40_001})
    void sumsAreThoseOfDoublePrecision(int n) {
        Tensor x = Values.ORDINARY.tensor(0, n);
        Tensor y = Values.ORDINARY.tensor(1, n);
        double largest = IntStream.range(0, n).mapToDouble(i -> Math.abs(x.get(i))).sum();
        assertThat(Reductions.sum(COMPUTE, x)).isCloseTo(IntStream.range(0, n).mapToDouble(i -> x.get(i)).sum(),
                within(16 * U * largest));
        assertThat(Reductions.dot(COMPUTE, x, y))
                .isCloseTo(IntStream.range(0, n).mapToDouble(i -> (double) x.get(i) * y.get(i)).sum(),
                        within(64 * U * largest));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 17, 33, 1000})
    void normsOfRowsAreThoseOfDoublePrecision(int n) {
        Tensor x = Values.ORDINARY.tensor(0, 5, n);
        Tensor norms = Values.unset(5);
        Tensor dx = Values.unset(5, n);
        Reductions.rowNorms(COMPUTE, x, norms);
        Reductions.rowNormsBackward(COMPUTE, x, norms, Values.ORDINARY.tensor(1, 5), dx);
        double[] expected = IntStream.range(0, 5).mapToDouble(
                i -> Math.sqrt(IntStream.range(0, n).mapToDouble(j -> Math.pow(x.get(i, j), 2)).sum())).toArray();
        requireWithin(5, norms.toArray(), i -> expected[i], i -> 32 * U * expected[i]);
        float[] slopes = Values.ORDINARY.row(1, 5);
        requireWithin(5 * n, dx.toArray(), i -> slopes[i / n] * x.get(i / n, i % n) / expected[i / n],
                i -> 40 * U * Math.abs(slopes[i / n]));
    }

    /** In a view, too, whose first element is not the array's. */
    @Test
    void findsTheFirstThatIsNotFinite() {
        Tensor x = Tensor.of(new float[] {Float.NaN, 1, 2, Float.NEGATIVE_INFINITY, Float.NaN, 3}, 3, 2);
        assertThat(Reductions.firstNotFinite(x)).isZero();
        assertThat(Reductions.firstNotFinite(x.rows(1, 3))).isEqualTo(1);
        assertThat(Reductions.firstNotFinite(x.rows(1, 1))).isEqualTo(-1);
        assertThat(Reductions.firstNotFinite(Values.ORDINARY.tensor(0, 17))).isEqualTo(-1);
    }
}
