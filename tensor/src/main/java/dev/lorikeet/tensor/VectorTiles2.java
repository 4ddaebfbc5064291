package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;
import static dev.lorikeet.tensor.VectorMatmul.start;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of the matrix product, 2 vectors wide: for 16 vector registers (128 and 256 bits).
 *
 * <p>The accumulators are local variables, so that C2 keeps them in registers; the loop over k is not unrolled by hand,
 * which only makes it spill. Each method is one tile height.
 */
final class VectorTiles2 {
    static final int WIDTH = 2 * L;

    private VectorTiles2() {}

    /** Rows are taken by sixes, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int i = 0;
        for (; i <= m - 6; i += 6) {
            tile6x2(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        if (i <= m - 4) {
            tile4x2(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 4;
        }
        if (i <= m - 2) {
            tile2x2(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 2;
        }
        if (i < m) {
            tile1x2(k, a, ao + i * lda, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    private static void tile6x2(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        FloatVector c00 = start(c, co, accumulate);
        FloatVector c01 = start(c, co + L, accumulate);
        FloatVector c10 = start(c, co + ldc, accumulate);
        FloatVector c11 = start(c, co + ldc + L, accumulate);
        FloatVector c20 = start(c, co + 2 * ldc, accumulate);
        FloatVector c21 = start(c, co + 2 * ldc + L, accumulate);
        FloatVector c30 = start(c, co + 3 * ldc, accumulate);
        FloatVector c31 = start(c, co + 3 * ldc + L, accumulate);
        FloatVector c40 = start(c, co + 4 * ldc, accumulate);
        FloatVector c41 = start(c, co + 4 * ldc + L, accumulate);
        FloatVector c50 = start(c, co + 5 * ldc, accumulate);
        FloatVector c51 = start(c, co + 5 * ldc + L, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            x = FloatVector.broadcast(S, a[a4 + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(S, a[a5 + p]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + L);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + L);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + L);
        c40.intoArray(c, co + 4 * ldc);
        c41.intoArray(c, co + 4 * ldc + L);
        c50.intoArray(c, co + 5 * ldc);
        c51.intoArray(c, co + 5 * ldc + L);
    }

    private static void tile4x2(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c00 = start(c, co, accumulate);
        FloatVector c01 = start(c, co + L, accumulate);
        FloatVector c10 = start(c, co + ldc, accumulate);
        FloatVector c11 = start(c, co + ldc + L, accumulate);
        FloatVector c20 = start(c, co + 2 * ldc, accumulate);
        FloatVector c21 = start(c, co + 2 * ldc + L, accumulate);
        FloatVector c30 = start(c, co + 3 * ldc, accumulate);
        FloatVector c31 = start(c, co + 3 * ldc + L, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + L);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + L);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + L);
    }

    private static void tile2x2(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a0 = ao;
        int a1 = a0 + lda;
        FloatVector c00 = start(c, co, accumulate);
        FloatVector c01 = start(c, co + L, accumulate);
        FloatVector c10 = start(c, co + ldc, accumulate);
        FloatVector c11 = start(c, co + ldc + L, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + L);
    }

    private static void tile1x2(int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        int a0 = ao;
        FloatVector c00 = start(c, co, accumulate);
        FloatVector c01 = start(c, co + L, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + L);
    }
}
