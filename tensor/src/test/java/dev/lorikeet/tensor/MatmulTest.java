package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatmulTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int RANK = 5;

    /** Sizes on both sides of a tile, of a task and of a block of k. */
    @ParameterizedTest
    @CsvSource({"0,5,3", "5,0,3", "3,5,0", "1,1,1", "2,7,15", "7,15,16", "16,17,31", "31,33,127", "95,127,383",
        "97,129,385", "33,1000,17", "127,31,1000", "200,65,64"})
    void everyFormIsTheProduct(int m, int n, int k) {
        Tensor a = ORDINARY.tensor(0, m, k);
        Tensor b = ORDINARY.tensor(1, k, n);
        Tensor bias = ORDINARY.tensor(2, n);
        Tensor start = ORDINARY.tensor(3, m, n);
        Tensor h = ORDINARY.tensor(4, m, RANK);
        Tensor l = ORDINARY.tensor(5, RANK, n);
        Epilogue lowRank = Epilogue.none().withLowRank(h, l);
        PackedMatrix packed = PackedMatrix.of(COMPUTE.kernels(), b);
        PackedMatrix ofTransposed = PackedMatrix.ofTransposed(COMPUTE.kernels(), transposed(b));

        Tensor c = Values.unset(m, n);
        PackedProduct.multiply(COMPUTE, a, packed, Epilogue.none(), c, false);
        requireProduct(c, Chain.zeros(m * n).plus(a, b));
        PackedProduct.multiply(COMPUTE, a, ofTransposed, lowRank.withBias(bias), c, false);
        requireProduct(c, Chain.from(bias, m * n).plus(a, b).plus(h, l));
        c.set(start);
        PackedProduct.multiply(COMPUTE, a, packed, lowRank, c, true);
        requireProduct(c, Chain.from(start, m * n).plus(a, b).plus(h, l));

        Matmul.multiply(COMPUTE, Form.NN, 1f, a, b, c, false);
        requireProduct(c, Chain.zeros(m * n).plus(a, b));
        c.set(start);
        Matmul.multiply(COMPUTE, Form.NN, 1f, a, b, c, true);
        requireProduct(c, Chain.from(start, m * n).plus(a, b));

        Matmul.multiply(COMPUTE, Form.TN, 1f, transposed(a), b, c, false);
        requireProduct(c, Chain.zeros(m * n).plus(a, b));
        c.set(start);
        Matmul.multiply(COMPUTE, Form.TN, 1f, transposed(a), b, c, true);
        requireProduct(c, Chain.from(start, m * n).plus(a, b));
    }

    /** Requires the product, and that nothing around C was written. */
    private static void requireProduct(Tensor c, Chain expected) {
        expected.requireClose(c.toArray());
        c.fill(Float.NaN);
        for (float around : c.data()) {
            if (!Float.isNaN(around)) {
                fail("%s was written outside C", around);
            }
        }
    }

    @Test
    void theRowsOfALeftHandSideOfAnyRankAreMultiplied() {
        Tensor a = ORDINARY.tensor(0, 2, 3, 17);
        Tensor b = ORDINARY.tensor(1, 17, 9);
        Tensor c = Values.unset(2, 3, 9);
        PackedProduct.multiply(COMPUTE, a, PackedMatrix.of(COMPUTE.kernels(), b), Epilogue.none(), c, false);
        Chain.zeros(54).plus(a.reshape(6, 17), b).requireClose(c.toArray());
    }

    /** The product for the rows {@code from} to {@code to} of its left-hand side. */
    private interface Rows {
        Tensor of(int from, int to);
    }

    @Test
    void theBitsOfARowDoNotDependOnOtherRows() {
        int rows = 200;
        int n = 67;
        int k = 17;
        Tensor a = ORDINARY.tensor(0, rows, k);
        Tensor b = ORDINARY.tensor(1, k, n);
        PackedMatrix packed = PackedMatrix.of(COMPUTE.kernels(), b);
        Tensor bias = ORDINARY.tensor(2, n);
        Tensor l = ORDINARY.tensor(5, RANK, n);
        Tensor h = ORDINARY.tensor(4, rows, RANK);
        Epilogue epilogue = Epilogue.none().withBias(bias);
        requireIndependentRows(rows, (from, to) -> {
            Tensor c = Values.unset(to - from, n);
            PackedProduct.multiply(COMPUTE, a.rows(from, to), packed, epilogue.withLowRank(h.rows(from, to), l), c,
                    false);
            return c;
        });
        requireIndependentRows(rows, (from, to) -> {
            Tensor c = Values.unset(to - from, n);
            Matmul.multiply(COMPUTE, Form.NN, 1f, a.rows(from, to), b, c, false);
            return c;
        });
        requireIndependentRows(rows, (from, to) -> {
            Tensor c = Values.unset(to - from, n);
            Matmul.multiply(COMPUTE, Form.TN, 1f, transposed(a.rows(from, to)), b, c, false);
            return c;
        });
    }

    private static void requireIndependentRows(int rows, Rows form) {
        Tensor all = form.of(0, rows);
        for (int m = 1; m <= rows; m++) {
            float[] row = all.rows(m - 1, m).toArray();
            requireSameBits(form.of(0, m).rows(m - 1, m).toArray(), row);
            requireSameBits(form.of(m - 1, m).toArray(), row);
        }
    }

    @Test
    void transposeTurnsRowsIntoColumns() {
        Tensor x = ORDINARY.tensor(0, 33, 70);
        Tensor y = transposed(x);
        for (int i = 0; i < 33; i++) {
            for (int j = 0; j < 70; j++) {
                assertThat(y.get(j, i)).isEqualTo(x.get(i, j));
            }
        }
    }

    @Test
    void aMistakeInAShapeIsNamedWithTheShapes() {
        requireMessage(() -> Matmul.multiply(COMPUTE, Form.NN, 1f, Tensor.zeros(4, 5), Tensor.zeros(6, 7),
                Tensor.zeros(4, 7), false), "NN", "inner dimensions differ", "lhs (4, 5)", "rhs (6, 7)");
        requireMessage(() -> Matmul.multiply(COMPUTE, Form.NN, 1f, Tensor.zeros(4, 6), Tensor.zeros(6, 7),
                Tensor.zeros(5, 7), false), "NN", "result (5, 7)", "lhs (4, 6)", "rhs (6, 7)");
        requireMessage(() -> Matmul.multiply(COMPUTE, Form.NT, 1f, Tensor.zeros(4, 6), Tensor.zeros(6, 7),
                Tensor.zeros(4, 6), false), "NT", "inner dimensions differ", "lhs (4, 6)", "rhs (6, 7)");
        requireMessage(() -> Matmul.multiply(COMPUTE, Form.TN, 1f, Tensor.zeros(5, 4), Tensor.zeros(6, 7),
                Tensor.zeros(4, 7), false), "TN", "inner dimensions differ", "lhs (5, 4)", "rhs (6, 7)");
        requireMessage(() -> Matmul.multiply(COMPUTE, Form.TN, 1f, Tensor.zeros(6, 4), Tensor.zeros(6, 7),
                Tensor.zeros(4, 6), false), "TN", "result (4, 6)", "lhs (6, 4)", "rhs (6, 7)");
        assertThatThrownBy(() -> Matmul.transpose(COMPUTE, Tensor.zeros(2, 3), Tensor.zeros(2, 3)))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("transpose: (2, 3) into (2, 3)");
    }

    private static void requireMessage(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("matmul: ")
                .hasMessageContainingAll(parts);
    }

    private static Tensor transposed(Tensor x) {
        Tensor turned = Tensor.zeros(x.dim(1), x.dim(0));
        Matmul.transpose(COMPUTE, x, turned);
        return turned;
    }
}
