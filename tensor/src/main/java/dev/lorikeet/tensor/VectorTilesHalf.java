package dev.lorikeet.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of the matrix product half a vector wide: eight columns at 512 bits, the product with an adapter of
 * rank 8. Twice as many of these go through the multipliers of most processors, and no lane is empty.
 */
final class VectorTilesHalf {
    private static final VectorSpecies<Float> H = FloatVector.SPECIES_256;
    static final int WIDTH = 8;

    private VectorTilesHalf() {}

    /** Rows are taken by twelves, then fours and ones; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int i = 0;
        for (; i <= m - 12; i += 12) {
            tile12(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        for (; i <= m - 4; i += 4) {
            tile4(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        for (; i < m; i++) {
            tile1(k, a, ao + i * lda, step, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    private static void tile12(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        int a6 = a5 + lda;
        int a7 = a6 + lda;
        int a8 = a7 + lda;
        int a9 = a8 + lda;
        int a10 = a9 + lda;
        int a11 = a10 + lda;
        FloatVector c0 = FloatVector.zero(H);
        FloatVector c1 = FloatVector.zero(H);
        FloatVector c2 = FloatVector.zero(H);
        FloatVector c3 = FloatVector.zero(H);
        FloatVector c4 = FloatVector.zero(H);
        FloatVector c5 = FloatVector.zero(H);
        FloatVector c6 = FloatVector.zero(H);
        FloatVector c7 = FloatVector.zero(H);
        FloatVector c8 = FloatVector.zero(H);
        FloatVector c9 = FloatVector.zero(H);
        FloatVector c10 = FloatVector.zero(H);
        FloatVector c11 = FloatVector.zero(H);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(H, b, bo + p * ldb);
            c0 = FloatVector.broadcast(H, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(H, a[a1 + p * step]).fma(row, c1);
            c2 = FloatVector.broadcast(H, a[a2 + p * step]).fma(row, c2);
            c3 = FloatVector.broadcast(H, a[a3 + p * step]).fma(row, c3);
            c4 = FloatVector.broadcast(H, a[a4 + p * step]).fma(row, c4);
            c5 = FloatVector.broadcast(H, a[a5 + p * step]).fma(row, c5);
            c6 = FloatVector.broadcast(H, a[a6 + p * step]).fma(row, c6);
            c7 = FloatVector.broadcast(H, a[a7 + p * step]).fma(row, c7);
            c8 = FloatVector.broadcast(H, a[a8 + p * step]).fma(row, c8);
            c9 = FloatVector.broadcast(H, a[a9 + p * step]).fma(row, c9);
            c10 = FloatVector.broadcast(H, a[a10 + p * step]).fma(row, c10);
            c11 = FloatVector.broadcast(H, a[a11 + p * step]).fma(row, c11);
        }
        if (accumulate) {
            FloatVector.fromArray(H, c, co).add(c0).intoArray(c, co);
            FloatVector.fromArray(H, c, co + ldc).add(c1).intoArray(c, co + ldc);
            FloatVector.fromArray(H, c, co + 2 * ldc).add(c2).intoArray(c, co + 2 * ldc);
            FloatVector.fromArray(H, c, co + 3 * ldc).add(c3).intoArray(c, co + 3 * ldc);
            FloatVector.fromArray(H, c, co + 4 * ldc).add(c4).intoArray(c, co + 4 * ldc);
            FloatVector.fromArray(H, c, co + 5 * ldc).add(c5).intoArray(c, co + 5 * ldc);
            FloatVector.fromArray(H, c, co + 6 * ldc).add(c6).intoArray(c, co + 6 * ldc);
            FloatVector.fromArray(H, c, co + 7 * ldc).add(c7).intoArray(c, co + 7 * ldc);
            FloatVector.fromArray(H, c, co + 8 * ldc).add(c8).intoArray(c, co + 8 * ldc);
            FloatVector.fromArray(H, c, co + 9 * ldc).add(c9).intoArray(c, co + 9 * ldc);
            FloatVector.fromArray(H, c, co + 10 * ldc).add(c10).intoArray(c, co + 10 * ldc);
            FloatVector.fromArray(H, c, co + 11 * ldc).add(c11).intoArray(c, co + 11 * ldc);
        } else {
            c0.intoArray(c, co);
            c1.intoArray(c, co + ldc);
            c2.intoArray(c, co + 2 * ldc);
            c3.intoArray(c, co + 3 * ldc);
            c4.intoArray(c, co + 4 * ldc);
            c5.intoArray(c, co + 5 * ldc);
            c6.intoArray(c, co + 6 * ldc);
            c7.intoArray(c, co + 7 * ldc);
            c8.intoArray(c, co + 8 * ldc);
            c9.intoArray(c, co + 9 * ldc);
            c10.intoArray(c, co + 10 * ldc);
            c11.intoArray(c, co + 11 * ldc);
        }
    }

    private static void tile4(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int a1 = ao + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c0 = FloatVector.zero(H);
        FloatVector c1 = FloatVector.zero(H);
        FloatVector c2 = FloatVector.zero(H);
        FloatVector c3 = FloatVector.zero(H);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(H, b, bo + p * ldb);
            c0 = FloatVector.broadcast(H, a[ao + p * step]).fma(row, c0);
            c1 = FloatVector.broadcast(H, a[a1 + p * step]).fma(row, c1);
            c2 = FloatVector.broadcast(H, a[a2 + p * step]).fma(row, c2);
            c3 = FloatVector.broadcast(H, a[a3 + p * step]).fma(row, c3);
        }
        if (accumulate) {
            FloatVector.fromArray(H, c, co).add(c0).intoArray(c, co);
            FloatVector.fromArray(H, c, co + ldc).add(c1).intoArray(c, co + ldc);
            FloatVector.fromArray(H, c, co + 2 * ldc).add(c2).intoArray(c, co + 2 * ldc);
            FloatVector.fromArray(H, c, co + 3 * ldc).add(c3).intoArray(c, co + 3 * ldc);
        } else {
            c0.intoArray(c, co);
            c1.intoArray(c, co + ldc);
            c2.intoArray(c, co + 2 * ldc);
            c3.intoArray(c, co + 3 * ldc);
        }
    }

    private static void tile1(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(H);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(H, b, bo + p * ldb);
            c0 = FloatVector.broadcast(H, a[ao + p * step]).fma(row, c0);
        }
        if (accumulate) {
            FloatVector.fromArray(H, c, co).add(c0).intoArray(c, co);
        } else {
            c0.intoArray(c, co);
        }
    }
}
