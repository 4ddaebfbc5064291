package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of the matrix product, one vector wide: for what is left beside the wider ones, and short sequences.
 */
final class VectorTiles1 {
    static final int WIDTH = L;

    private VectorTiles1() {}

    /** Rows are taken by eights, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int zo = accumulate ? co : 0;
        int ldz = accumulate ? ldc : 0;
        int i = 0;
        for (; i <= m - 8; i += 8) {
            tile8x1(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
        }
        if (i <= m - 4) {
            tile4x1(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            i += 4;
        }
        if (i <= m - 2) {
            tile2x1(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            i += 2;
        }
        if (i < m) {
            tile1x1(k, a, ao + i * lda, step, b, bo, ldb, z, zo + i * ldz, c, co + i * ldc);
        }
    }

    private static void tile8x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        int a6 = a5 + lda;
        int a7 = a6 + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        FloatVector c4 = c0;
        FloatVector c5 = c0;
        FloatVector c6 = c0;
        FloatVector c7 = c0;
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p * step]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p * step]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p * step]).fma(row, c3);
            c4 = FloatVector.broadcast(S, a[a4 + p * step]).fma(row, c4);
            c5 = FloatVector.broadcast(S, a[a5 + p * step]).fma(row, c5);
            c6 = FloatVector.broadcast(S, a[a6 + p * step]).fma(row, c6);
            c7 = FloatVector.broadcast(S, a[a7 + p * step]).fma(row, c7);
        }
        FloatVector.fromArray(S, z, zo).add(c0).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + ldz).add(c1).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c2).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c3).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 4 * ldz).add(c4).intoArray(c, co + 4 * ldc);
        FloatVector.fromArray(S, z, zo + 5 * ldz).add(c5).intoArray(c, co + 5 * ldc);
        FloatVector.fromArray(S, z, zo + 6 * ldz).add(c6).intoArray(c, co + 6 * ldc);
        FloatVector.fromArray(S, z, zo + 7 * ldz).add(c7).intoArray(c, co + 7 * ldc);
    }

    private static void tile4x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p * step]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p * step]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p * step]).fma(row, c3);
        }
        FloatVector.fromArray(S, z, zo).add(c0).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + ldz).add(c1).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c2).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c3).intoArray(c, co + 3 * ldc);
    }

    private static void tile2x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a1 = ao + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p * step]).fma(row, c1);
        }
        FloatVector.fromArray(S, z, zo).add(c0).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + ldz).add(c1).intoArray(c, co + ldc);
    }

    private static void tile1x1(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] z, int zo,
            float[] c, int co) {
        FloatVector c0 = FloatVector.zero(S);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
        }
        FloatVector.fromArray(S, z, zo).add(c0).intoArray(c, co);
    }
}
