package dev.lorikeet.tensor.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.Values;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SvdTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "7, 1", "2, 2", "15, 17", "17, 15", "33, 33", "40, 127"})
    void vectorsAreOrthonormalAndTheSumOfAllIsTheMatrix(int m, int n) {
        Tensor x = Values.ORDINARY.tensor(1, m, n);
        Svd svd = Svd.of(x);
        assertThat(svd.size()).isEqualTo(Math.min(m, n));
        requireDecomposition(x, svd, 2e-6);
        requireFalling(svd);
    }

    @Test
    void valuesOfAKnownMatrixAreThose() {
        // [[3, 0], [4, 5]]: the eigenvalues of XᵀX are 45 and 5
        Svd svd = Svd.of(Tensor.of(new float[] {3, 0, 4, 5}, 2, 2));
        assertThat(svd.value(0)).isCloseTo(Math.sqrt(45), within(1e-14));
        assertThat(svd.value(1)).isCloseTo(Math.sqrt(5), within(1e-14));
        assertThat(svd.left().toArray()).containsExactly(new float[] {(float) Math.sqrt(0.1), (float) Math.sqrt(0.9),
            (float) Math.sqrt(0.9), (float) -Math.sqrt(0.1)}, within(1e-7f));
    }

    @Test
    void smallValuesAreRightBesideLargeOnes() {
        int n = 9;
        Tensor x = Tensor.zeros(n, n);
        double product = 1;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                x.data()[i * n + j] = i == j ? (float) Math.pow(8, -i)
                        : (float) Math.pow(8, -i) * Values.ORDINARY.at(3, i * n + j);
            }
            product *= Math.pow(8, -i);
        }
        Svd svd = Svd.of(x);
        double values = 1;
        for (int k = 0; k < n; k++) {
            values *= svd.value(k);
        }
        assertThat(values / product).as("the determinant, 5e-33").isCloseTo(1, within(1e-12));
    }

    @Test
    void whatHasNoFullRankStillHasOrthonormalVectors() {
        for (Tensor x : new Tensor[] {Tensor.zeros(4, 6), ones(6, 4), ones(5, 5)}) {
            Svd svd = Svd.of(x);
            requireDecomposition(x, svd, 1e-6);
            for (int k = 1; k < svd.size(); k++) {
                assertThat(svd.value(k)).isZero();
            }
        }
        Tensor withoutRow = Values.ORDINARY.tensor(1, 48, 48);
        withoutRow.rows(7, 8).fill(0);
        Svd svd = Svd.of(withoutRow);
        requireDecomposition(withoutRow, svd, 5e-6);
        assertThat(svd.value(46)).isGreaterThan(0.01);
        assertThat(svd.value(47)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"20, 3, 30", "30, 3, 20", "5, 7, 6", "4, 4, 4", "6, 1, 1"})
    void aProductIsDecomposedFromItsFactors(int m, int k, int n) {
        Tensor b = Values.ORDINARY.tensor(1, m, k);
        Tensor a = Values.ORDINARY.tensor(2, k, n);
        Tensor product = Tensor.zeros(m, n);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int l = 0; l < k; l++) {
                    sum += (double) b.get(i, l) * a.get(l, j);
                }
                product.data()[i * n + j] = (float) sum;
            }
        }
        Svd svd = Svd.ofProduct(b, a);
        assertThat(svd.size()).isEqualTo(Math.min(k, Math.min(m, n)));
        requireDecomposition(product, svd, 1e-5);
        Svd whole = Svd.of(product);
        for (int i = 0; i < svd.size(); i++) {
            assertThat(svd.value(i)).isCloseTo(whole.value(i), within(1e-5));
        }
    }

    @Test
    void leadingValuesAndVectorsAreFoundByPowerIterations() {
        Tensor x = Values.ORDINARY.tensor(1, 60, 90);
        Svd whole = Svd.of(x);
        Svd leading = Svd.leading(x, 4, 40, 7);
        assertThat(leading.size()).isEqualTo(4);
        for (int k = 0; k < 4; k++) {
            assertThat(leading.value(k)).isCloseTo(whole.value(k), within(1e-4));
            for (int i = 0; i < 60; i++) {
                assertThat(leading.left().get(i, k)).isCloseTo(whole.left().get(i, k), within(0.01f));
            }
        }
        assertThat(Svd.leading(x, 4, 2, 7).left().toArray()).isEqualTo(Svd.leading(x, 4, 2, 7).left().toArray());
        assertThat(Svd.leading(x, 60, 0, 7).value(59)).isCloseTo(whole.value(59), within(1e-12));
    }

    @Test
    void whatIsNoMatrixOfNumbersIsRefused() {
        Tensor nan = Tensor.of(new float[] {1, Float.NaN}, 1, 2);
        assertThatThrownBy(() -> Svd.of(nan)).hasMessage("svd: element 1 of (1, 2) is NaN");
        assertThatThrownBy(() -> Svd.of(Tensor.zeros(0, 3))).hasMessageContaining("not (0, 3)");
        assertThatThrownBy(() -> Svd.ofProduct(Tensor.zeros(2, 3), Tensor.zeros(2, 3)))
                .hasMessage("svd: inner dimensions differ, lhs (2, 3), rhs (2, 3)");
        assertThatThrownBy(() -> Svd.leading(Tensor.zeros(2, 3), 3, 1, 1))
                .hasMessage("svd: rank 3 of (2, 3) is not in 1 … 2");
    }

    private static Tensor ones(int m, int n) {
        Tensor x = Tensor.zeros(m, n);
        x.fill(1);
        return x;
    }

    private static void requireFalling(Svd svd) {
        for (int k = 1; k < svd.size(); k++) {
            assertThat(svd.value(k)).isLessThanOrEqualTo(svd.value(k - 1));
        }
    }

    private static void requireDecomposition(Tensor x, Svd svd, double tolerance) {
        Tensor u = svd.left();
        Tensor v = svd.right();
        for (int k = 0; k < svd.size(); k++) {
            float largest = 0;
            for (int i = 0; i < x.dim(0); i++) {
                largest = Math.abs(u.get(i, k)) > Math.abs(largest) ? u.get(i, k) : largest;
            }
            assertThat(largest).isPositive();
            for (int l = 0; l <= k; l++) {
                double uu = 0;
                double vv = 0;
                for (int i = 0; i < x.dim(0); i++) {
                    uu += (double) u.get(i, k) * u.get(i, l);
                }
                for (int j = 0; j < x.dim(1); j++) {
                    vv += (double) v.get(k, j) * v.get(l, j);
                }
                assertThat(uu).isCloseTo(k == l ? 1 : 0, within(5e-7));
                assertThat(vv).isCloseTo(k == l ? 1 : 0, within(5e-7));
            }
        }
        for (int i = 0; i < x.dim(0); i++) {
            for (int j = 0; j < x.dim(1); j++) {
                double sum = 0;
                for (int k = 0; k < svd.size(); k++) {
                    sum += svd.value(k) * u.get(i, k) * v.get(k, j);
                }
                assertThat(sum).isCloseTo(x.get(i, j), within(tolerance));
            }
        }
    }
}
