package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The matrix product of {@link VectorKernels}: columns by register tiles, the rest by single, masked vectors. */
final class VectorMatmul {
    private static final boolean WIDE = L == 16;
    static final int PANEL = WIDE ? VectorTiles4.WIDTH : VectorTiles2.WIDTH;

    private VectorMatmul() {}

    static void multiply(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        int j = 0;
        for (; j <= n - PANEL; j += PANEL) {
            if (WIDE) {
                VectorTiles4.multiply(m, k, a, ao, lda, b, bo + j, ldb, c, co + j, ldc, accumulate);
            } else {
                VectorTiles2.multiply(m, k, a, ao, lda, b, bo + j, ldb, c, co + j, ldc, accumulate);
            }
        }
        for (; j < n; j += L) {
            VectorMask<Float> columns = S.indexInRange(0, n - j);
            int i = 0;
            for (; i <= m - 4; i += 4) {
                column4(k, a, ao + i * lda, lda, b, bo + j, ldb, c, co + i * ldc + j, ldc, accumulate, columns);
            }
            for (; i < m; i++) {
                column1(k, a, ao + i * lda, b, bo + j, ldb, c, co + i * ldc + j, accumulate, columns);
            }
        }
    }

    static FloatVector start(float[] c, int at, boolean accumulate) {
        return accumulate ? FloatVector.fromArray(S, c, at) : FloatVector.zero(S);
    }

    private static FloatVector start(float[] c, int at, boolean accumulate, VectorMask<Float> columns) {
        return accumulate ? FloatVector.fromArray(S, c, at, columns) : FloatVector.zero(S);
    }

    private static void column4(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate, VectorMask<Float> columns) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c0 = start(c, co, accumulate, columns);
        FloatVector c1 = start(c, co + ldc, accumulate, columns);
        FloatVector c2 = start(c, co + 2 * ldc, accumulate, columns);
        FloatVector c3 = start(c, co + 3 * ldc, accumulate, columns);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb, columns);
            c0 = FloatVector.broadcast(S, a[ao + p]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p]).fma(row, c3);
        }
        c0.intoArray(c, co, columns);
        c1.intoArray(c, co + ldc, columns);
        c2.intoArray(c, co + 2 * ldc, columns);
        c3.intoArray(c, co + 3 * ldc, columns);
    }

    private static void column1(int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate, VectorMask<Float> columns) {
        FloatVector sum = start(c, co, accumulate, columns);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb, columns);
            sum = FloatVector.broadcast(S, a[ao + p]).fma(row, sum);
        }
        sum.intoArray(c, co, columns);
    }
}
