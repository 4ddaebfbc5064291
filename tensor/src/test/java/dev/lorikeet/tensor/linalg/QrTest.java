package dev.lorikeet.tensor.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.Values;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QrTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "7, 1", "2, 2", "15, 17", "17, 15", "33, 33", "127, 40"})
    void theProductIsTheMatrix(int m, int n) {
        Tensor x = Values.ORDINARY.tensor(1, m, n);
        int rank = Math.min(m, n);
        Qr qr = Qr.of(x, rank);
        requireOrthonormal(qr.q());
        requireTriangular(qr.r());
        requireProduct(x, qr, n);
    }

    @Test
    void fewerColumnsAreTheFirstOnes() {
        Tensor x = Values.ORDINARY.tensor(1, 17, 15);
        Qr whole = Qr.of(x, 15);
        Qr some = Qr.of(x, 4);
        assertThat(some.q().shape()).isEqualTo(Shape.of(17, 4));
        assertThat(some.r().toArray()).isEqualTo(whole.r().rows(0, 4).toArray());
        requireProduct(x, some, 4);
    }

    @Test
    void signsAreThoseOfLapack() {
        // a column that is reflected gets the sign opposite to its first entry's; one that need not be is left alone
        Qr qr = Qr.of(Tensor.of(new float[] {3, 1, 4, -2}, 2, 2), 2);
        assertThat(qr.r().toArray()).containsExactly(new float[] {-5, 1, 0, -2}, within(1e-6f));
        assertThat(qr.q().toArray()).containsExactly(new float[] {-0.6f, -0.8f, -0.8f, 0.6f}, within(1e-6f));
        assertThat(Qr.of(Tensor.of(new float[] {2, 1, 0, -3}, 2, 2), 2).r().toArray()).containsExactly(2, 1, 0, -3);
    }

    @Test
    void whatHasNoFullRankStillHasOrthonormalColumns() {
        for (Tensor x : new Tensor[] {Tensor.zeros(6, 4), Tensor.of(new float[] {1, 1, 1, 1, 1, 1}, 3, 2)}) {
            Qr qr = Qr.of(x, x.dim(1));
            requireOrthonormal(qr.q());
            requireProduct(x, qr, x.dim(1));
        }
    }

    @Test
    void ranksOutsideTheMatrixAreRefused() {
        for (int rank : new int[] {0, 3}) {
            assertThatThrownBy(() -> Qr.of(Tensor.zeros(2, 5), rank))
                    .hasMessage("qr: rank " + rank + " of (2, 5) is not in 1 … 2");
        }
    }

    private static void requireOrthonormal(Tensor q) {
        for (int k = 0; k < q.dim(1); k++) {
            for (int l = 0; l <= k; l++) {
                double sum = 0;
                for (int i = 0; i < q.dim(0); i++) {
                    sum += (double) q.get(i, k) * q.get(i, l);
                }
                assertThat(sum).isCloseTo(k == l ? 1 : 0, within(5e-7));
            }
        }
    }

    private static void requireTriangular(Tensor r) {
        for (int k = 0; k < r.dim(0); k++) {
            for (int j = 0; j < k; j++) {
                assertThat(r.get(k, j)).isZero();
            }
        }
    }

    private static void requireProduct(Tensor x, Qr qr, int columns) {
        Tensor q = qr.q();
        Tensor r = qr.r();
        for (int i = 0; i < x.dim(0); i++) {
            for (int j = 0; j < columns; j++) {
                double sum = 0;
                for (int k = 0; k < r.dim(0); k++) {
                    sum += (double) q.get(i, k) * r.get(k, j);
                }
                assertThat(sum).isCloseTo(x.get(i, j), within(2e-6));
            }
        }
    }
}
