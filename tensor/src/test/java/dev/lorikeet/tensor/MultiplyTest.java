package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The product in the form of BLAS, on matrices in the middle of arrays whose other elements are NaN. */
class MultiplyTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int OFFSET = 3;
    private static final int GAP = 2;

    /** For each form, sizes on both sides of every choice between reading in place and packing. */
    static Stream<Arguments> products() {
        int[][] sizes = {{0, 5, 3}, {5, 0, 3}, {3, 5, 0}, {1, 1, 1}, {1, 100, 300}, {7, 65, 130}, {24, 70, 500},
            {25, 70, 500}, {50, 8, 400}, {50, 64, 600}, {110, 65, 510}, {97, 129, 257}, {26, 1100, 1000}};
        return Stream.of(Form.values()).flatMap(form -> Arrays.stream(sizes)
                .map(size -> Arguments.of(form, size[0], size[1], size[2])));
    }

    @ParameterizedTest
    @MethodSource("products")
    void everyFormIsTheProductWithItsFactors(Form form, int m, int n, int k) {
        for (float[] factors : new float[][] {{1, 0}, {1, 1}, {-0.75f, 0}, {1, -0.5f}, {1.5f, 0.25f}}) {
            float alpha = factors[0];
            float beta = factors[1];
            float[] c = multiply(COMPUTE, form, m, n, k, alpha, beta);
            Chain sum = Chain.zeros(m * n).plus(ORDINARY.tensor(0, m, k), ORDINARY.tensor(1, k, n));
            float[] before = ORDINARY.row(2, m * n);
            double gamma = (k + 4) * Rounding.U / (1 - (k + 4) * Rounding.U);
            Rounding.requireWithin(c.length, c,
                    i -> alpha * sum.values()[i] + (beta == 0 ? 0 : (double) beta * before[i]),
                    i -> gamma * (Math.abs(alpha) * sum.magnitudes()[i] + Math.abs((double) beta * before[i])));
        }
    }

    @ParameterizedTest
    @MethodSource("products")
    void everyFormHasTheBitsOfTheKernel(Form form, int m, int n, int k) {
        float[] expected = ORDINARY.row(2, m * n);
        new ScalarKernels().matmul(m, n, k, ORDINARY.row(0, m * k), 0, k, ORDINARY.row(1, k * n), 0, n, expected, 0, n,
                true);
        requireSameBits(multiply(COMPUTE, form, m, n, k, 1, 1), expected);
        requireSameBits(multiply(new Cpu(new ScalarKernels(), new Workers(3)), form, m, n, k, 1, 1), expected);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void withoutBetaCIsNotRead(Form form) {
        float[] c = new float[6];
        Arrays.fill(c, Float.NaN);
        Matmul.multiply(COMPUTE, form, 2, 3, 1, 2f, new float[] {1, 2}, 0, form == Form.TN ? 2 : 1,
                new float[] {1, 2, 3}, 0, form == Form.NT ? 1 : 3, 0f, c, 0, 3);
        assertThat(c).containsExactly(2, 4, 6, 4, 8, 12);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        float[] six = new float[6];
        assertThatThrownBy(() -> Matmul.multiply(COMPUTE, Form.NN, 2, 2, 3, 1f, six, 0, 2, six, 0, 2, 0f, six, 0, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("matmul: leading dimension 2 of A (2, 3) is shorter than a row");
        assertThatThrownBy(() -> Matmul.multiply(COMPUTE, Form.NT, 2, 2, 3, 1f, six, 0, 3, six, 0, 2, 0f, six, 0, 2))
                .hasMessage("matmul: leading dimension 2 of B (2, 3) is shorter than a row");
        assertThatThrownBy(() -> Matmul.multiply(COMPUTE, Form.NN, 2, 2, 3, 1f, six, 1, 3, six, 0, 2, 0f, six, 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Matmul.multiply(COMPUTE, Form.NN, 2, 2, 3, 1f, six, 0, 3, six, 0, 2, 0f, six, 0, 5))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** C = α·A·B + β·C for the same A, B and C in every form. */
    private static float[] multiply(Compute compute, Form form, int m, int n, int k, float alpha, float beta) {
        Tensor a = ORDINARY.tensor(0, m, k);
        Tensor b = ORDINARY.tensor(1, k, n);
        Tensor left = form == Form.TN ? transposed(a) : a;
        Tensor right = form == Form.NT ? transposed(b) : b;
        Tensor before = beta == 0 ? Values.unset(m, n) : ORDINARY.tensor(2, m, n);
        float[] c = spread(before);
        Matmul.multiply(compute, form, m, n, k, alpha, spread(left), OFFSET, left.dim(1) + GAP, spread(right), OFFSET,
                right.dim(1) + GAP, beta, c, OFFSET, n + GAP);
        float[] result = new float[m * n];
        for (int i = 0; i < m; i++) {
            System.arraycopy(c, OFFSET + i * (n + GAP), result, i * n, n);
            Arrays.fill(c, OFFSET + i * (n + GAP), OFFSET + i * (n + GAP) + n, Float.NaN);
        }
        assertThat(c).as("around C").containsOnly(Float.NaN);
        return result;
    }

    private static float[] spread(Tensor matrix) {
        int rows = matrix.dim(0);
        int columns = matrix.dim(1);
        float[] array = new float[OFFSET + rows * (columns + GAP)];
        Arrays.fill(array, Float.NaN);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(matrix.data(), matrix.offset() + i * columns, array, OFFSET + i * (columns + GAP),
                    columns);
        }
        return array;
    }

    private static Tensor transposed(Tensor x) {
        Tensor turned = Tensor.zeros(x.dim(1), x.dim(0));
        for (int i = 0; i < x.dim(0); i++) {
            for (int j = 0; j < x.dim(1); j++) {
                turned.data()[j * x.dim(0) + i] = x.get(i, j);
            }
        }
        return turned;
    }
}
