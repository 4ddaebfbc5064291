package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;

import jdk.incubator.vector.FloatVector;

/** Register tiles of the matrix product, one vector wide: for what is left beside the wider ones, and short sequences. */
final class VectorTiles1 {
    static final int WIDTH = L;

    private VectorTiles1() {}

    /** Rows are taken by eights, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int i = 0;
        for (; i <= m - 8; i += 8) {
            tile8x1(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        if (i <= m - 4) {
            tile4x1(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 4;
        }
        if (i <= m - 2) {
            tile2x1(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            i += 2;
        }
        if (i < m) {
            tile1x1(k, a, ao + i * lda, step, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    private static void tile8x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        int a6 = a5 + lda;
        int a7 = a6 + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        FloatVector c4 = FloatVector.zero(S);
        FloatVector c5 = FloatVector.zero(S);
        FloatVector c6 = FloatVector.zero(S);
        FloatVector c7 = FloatVector.zero(S);
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
        if (accumulate) {
            FloatVector.fromArray(S, c, co).add(c0).intoArray(c, co);
            FloatVector.fromArray(S, c, co + ldc).add(c1).intoArray(c, co + ldc);
            FloatVector.fromArray(S, c, co + 2 * ldc).add(c2).intoArray(c, co + 2 * ldc);
            FloatVector.fromArray(S, c, co + 3 * ldc).add(c3).intoArray(c, co + 3 * ldc);
            FloatVector.fromArray(S, c, co + 4 * ldc).add(c4).intoArray(c, co + 4 * ldc);
            FloatVector.fromArray(S, c, co + 5 * ldc).add(c5).intoArray(c, co + 5 * ldc);
            FloatVector.fromArray(S, c, co + 6 * ldc).add(c6).intoArray(c, co + 6 * ldc);
            FloatVector.fromArray(S, c, co + 7 * ldc).add(c7).intoArray(c, co + 7 * ldc);
        } else {
            c0.intoArray(c, co);
            c1.intoArray(c, co + ldc);
            c2.intoArray(c, co + 2 * ldc);
            c3.intoArray(c, co + 3 * ldc);
            c4.intoArray(c, co + 4 * ldc);
            c5.intoArray(c, co + 5 * ldc);
            c6.intoArray(c, co + 6 * ldc);
            c7.intoArray(c, co + 7 * ldc);
        }
    }

    private static void tile4x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p * step]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p * step]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p * step]).fma(row, c3);
        }
        if (accumulate) {
            FloatVector.fromArray(S, c, co).add(c0).intoArray(c, co);
            FloatVector.fromArray(S, c, co + ldc).add(c1).intoArray(c, co + ldc);
            FloatVector.fromArray(S, c, co + 2 * ldc).add(c2).intoArray(c, co + 2 * ldc);
            FloatVector.fromArray(S, c, co + 3 * ldc).add(c3).intoArray(c, co + 3 * ldc);
        } else {
            c0.intoArray(c, co);
            c1.intoArray(c, co + ldc);
            c2.intoArray(c, co + 2 * ldc);
            c3.intoArray(c, co + 3 * ldc);
        }
    }

    private static void tile2x1(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p * step]).fma(row, c1);
        }
        if (accumulate) {
            FloatVector.fromArray(S, c, co).add(c0).intoArray(c, co);
            FloatVector.fromArray(S, c, co + ldc).add(c1).intoArray(c, co + ldc);
        } else {
            c0.intoArray(c, co);
            c1.intoArray(c, co + ldc);
        }
    }

    private static void tile1x1(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            c0 = FloatVector.broadcast(S, a[ao + p * step]).fma(row, c0);
        }
        if (accumulate) {
            FloatVector.fromArray(S, c, co).add(c0).intoArray(c, co);
        } else {
            c0.intoArray(c, co);
        }
    }
}
