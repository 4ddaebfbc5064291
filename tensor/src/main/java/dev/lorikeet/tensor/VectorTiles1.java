package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;
import static dev.lorikeet.tensor.VectorMatmul.start;

import jdk.incubator.vector.FloatVector;

/** Register tiles of the matrix product, one vector wide: for what is left beside the wider ones, and short sequences. */
final class VectorTiles1 {
    static final int WIDTH = L;

    private VectorTiles1() {}

    /** Rows are taken by eights, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int i = 0;
        for (; i <= m - 8; i += 8) {
            tile8x1(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        if (i <= m - 4) {
            tile4x1(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 4;
        }
        if (i <= m - 2) {
            tile2x1(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 2;
        }
        if (i < m) {
            tile1x1(k, a, ao + i * lda, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    private static void tile8x1(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        int a6 = a5 + lda;
        int a7 = a6 + lda;
        FloatVector c0 = start(c, co, accumulate);
        FloatVector c1 = start(c, co + ldc, accumulate);
        FloatVector c2 = start(c, co + 2 * ldc, accumulate);
        FloatVector c3 = start(c, co + 3 * ldc, accumulate);
        FloatVector c4 = start(c, co + 4 * ldc, accumulate);
        FloatVector c5 = start(c, co + 5 * ldc, accumulate);
        FloatVector c6 = start(c, co + 6 * ldc, accumulate);
        FloatVector c7 = start(c, co + 7 * ldc, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p]).fma(row, c3);
            c4 = FloatVector.broadcast(S, a[a4 + p]).fma(row, c4);
            c5 = FloatVector.broadcast(S, a[a5 + p]).fma(row, c5);
            c6 = FloatVector.broadcast(S, a[a6 + p]).fma(row, c6);
            c7 = FloatVector.broadcast(S, a[a7 + p]).fma(row, c7);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + ldc);
        c2.intoArray(c, co + 2 * ldc);
        c3.intoArray(c, co + 3 * ldc);
        c4.intoArray(c, co + 4 * ldc);
        c5.intoArray(c, co + 5 * ldc);
        c6.intoArray(c, co + 6 * ldc);
        c7.intoArray(c, co + 7 * ldc);
    }

    private static void tile4x1(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c0 = start(c, co, accumulate);
        FloatVector c1 = start(c, co + ldc, accumulate);
        FloatVector c2 = start(c, co + 2 * ldc, accumulate);
        FloatVector c3 = start(c, co + 3 * ldc, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p]).fma(row, c3);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + ldc);
        c2.intoArray(c, co + 2 * ldc);
        c3.intoArray(c, co + 3 * ldc);
    }

    private static void tile2x1(int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        FloatVector c0 = start(c, co, accumulate);
        FloatVector c1 = start(c, co + ldc, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p]).fma(row, c1);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + ldc);
    }

    private static void tile1x1(int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        FloatVector c0 = start(c, co, accumulate);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p]).fma(row, c0);
        }
        c0.intoArray(c, co);
    }
}
