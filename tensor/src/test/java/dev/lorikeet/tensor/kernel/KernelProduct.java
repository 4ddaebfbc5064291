package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One call of {@link Kernels#matmul} on matrices with offsets and with rows farther apart than they are long: what is
 * between the rows is NaN in the inputs, and must stay as it was in the result. B's last row ends its array where m is
 * odd, and does not where m is even; it has nothing between its rows, as a panel has not, where n is even.
 */
public record KernelProduct(int m, int n, int k, boolean accumulate) {
    private static final float UNTOUCHED = 123.25f;

    /** Shapes on both sides of every size of a register tile. */
    public static List<KernelProduct> all() {
        List<KernelProduct> all = new ArrayList<>();
        for (int n : new int[] {0, 1, 7, 15, 16, 17, 31, 32, 33, 64, 127, 1000}) {
            for (int m : new int[] {0, 1, 2, 3, 5, 8, 13}) {
                all.add(new KernelProduct(m, n, m + n % 34, n % 3 == m % 2));
            }
        }
        for (int k : new int[] {0, 1, 7, 15, 16, 17, 31, 33, 127, 128, 129, 256, 1000}) {
            all.add(new KernelProduct(7, 35, k, false));
            all.add(new KernelProduct(7, 35, k, true));
        }
        return all;
    }

    public Tensor a(Values values) {
        return values.tensor(0, m, k);
    }

    public Tensor b(Values values) {
        return values.tensor(1, k, n);
    }

    /** What C is before. */
    public Tensor c(Values values) {
        return values.tensor(2, m, n);
    }

    /** C, (m, n). */
    public float[] run(Kernels kernels, Values values) {
        return run(kernels, values, spread(a(values), k + 3, 2, Float.NaN), k + 3, 1);
    }

    /** C, (m, n), from an A that is stored by columns. */
    public float[] runByColumns(Kernels kernels, Values values) {
        Tensor a = a(values);
        Tensor columns = Tensor.zeros(k, m);
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                columns.data()[p * m + i] = a.get(i, p);
            }
        }
        return run(kernels, values, spread(columns, m + 3, 2, Float.NaN), 1, m + 3);
    }

    private float[] run(Kernels kernels, Values values, float[] a, int lda, int step) {
        int ldc = n + 2;
        int co = 4;
        float[] c = spread(c(values), ldc, co, UNTOUCHED);
        int ldb = n % 2 == 0 ? n : n + 5;
        float[] b = spread(b(values), ldb, 7, Float.NaN);
        if (m % 2 == 1 && k > 0) {
            b = Arrays.copyOf(b, 7 + (k - 1) * ldb + n);
        }
        kernels.matmul(m, n, k, a, 2, lda, step, b, 7, ldb, c, co, ldc, accumulate);
        float[] result = new float[m * n];
        for (int i = 0; i < m; i++) {
            System.arraycopy(c, co + i * ldc, result, i * n, n);
            Arrays.fill(c, co + i * ldc, co + i * ldc + n, UNTOUCHED);
        }
        for (float value : c) {
            if (value != UNTOUCHED) {
                throw new AssertionError(this + " of " + kernels.name() + " wrote past a row");
            }
        }
        return result;
    }

    private static float[] spread(Tensor matrix, int distance, int offset, float between) {
        int rows = matrix.dim(0);
        int columns = matrix.dim(1);
        float[] array = new float[offset + rows * distance + 20];
        Arrays.fill(array, between);
        for (int i = 0; i < rows; i++) {
            System.arraycopy(matrix.data(), matrix.offset() + i * columns, array, offset + i * distance, columns);
        }
        return array;
    }
}
