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

    /** Rows are taken by eights or 24s, as they lie, then fours and ones; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co,
            int ldc, boolean accumulate) {
        int i = 0;
        if (step == 1) {
            for (; i <= m - 8; i += 8) {
                rows8(k, a, ao + i * lda, lda, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            }
        } else if (lda == 1) {
            for (; i <= m - 24; i += 24) {
                columns24(k, a, ao + i, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
            }
        }
        for (; i <= m - 4; i += 4) {
            tile4(k, a, ao + i * lda, lda, step, b, bo, ldb, c, co + i * ldc, ldc, accumulate);
        }
        for (; i < m; i++) {
            tile1(k, a, ao + i * lda, step, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    /** Rows with their elements side by side: more of them, and their addresses do not fit the registers. */
    private static void rows8(int k, float[] a, int a0, int lda, float[] b, int bo, int ldb, float[] c, int co, int ldc,
            boolean accumulate) {
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        int a6 = a5 + lda;
        int a7 = a6 + lda;
        FloatVector c0 = FloatVector.zero(H);
        FloatVector c1 = FloatVector.zero(H);
        FloatVector c2 = FloatVector.zero(H);
        FloatVector c3 = FloatVector.zero(H);
        FloatVector c4 = FloatVector.zero(H);
        FloatVector c5 = FloatVector.zero(H);
        FloatVector c6 = FloatVector.zero(H);
        FloatVector c7 = FloatVector.zero(H);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(H, b, bo + p * ldb);
            c0 = FloatVector.broadcast(H, a[a0 + p]).fma(row, c0);
            c1 = FloatVector.broadcast(H, a[a1 + p]).fma(row, c1);
            c2 = FloatVector.broadcast(H, a[a2 + p]).fma(row, c2);
            c3 = FloatVector.broadcast(H, a[a3 + p]).fma(row, c3);
            c4 = FloatVector.broadcast(H, a[a4 + p]).fma(row, c4);
            c5 = FloatVector.broadcast(H, a[a5 + p]).fma(row, c5);
            c6 = FloatVector.broadcast(H, a[a6 + p]).fma(row, c6);
            c7 = FloatVector.broadcast(H, a[a7 + p]).fma(row, c7);
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

    /** Rows side by side: one address serves all. */
    private static void columns24(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
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
        FloatVector c12 = FloatVector.zero(H);
        FloatVector c13 = FloatVector.zero(H);
        FloatVector c14 = FloatVector.zero(H);
        FloatVector c15 = FloatVector.zero(H);
        FloatVector c16 = FloatVector.zero(H);
        FloatVector c17 = FloatVector.zero(H);
        FloatVector c18 = FloatVector.zero(H);
        FloatVector c19 = FloatVector.zero(H);
        FloatVector c20 = FloatVector.zero(H);
        FloatVector c21 = FloatVector.zero(H);
        FloatVector c22 = FloatVector.zero(H);
        FloatVector c23 = FloatVector.zero(H);
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(H, b, bo + p * ldb);
            int at = ao + p * step;
            c0 = FloatVector.broadcast(H, a[at]).fma(row, c0);
            c1 = FloatVector.broadcast(H, a[at + 1]).fma(row, c1);
            c2 = FloatVector.broadcast(H, a[at + 2]).fma(row, c2);
            c3 = FloatVector.broadcast(H, a[at + 3]).fma(row, c3);
            c4 = FloatVector.broadcast(H, a[at + 4]).fma(row, c4);
            c5 = FloatVector.broadcast(H, a[at + 5]).fma(row, c5);
            c6 = FloatVector.broadcast(H, a[at + 6]).fma(row, c6);
            c7 = FloatVector.broadcast(H, a[at + 7]).fma(row, c7);
            c8 = FloatVector.broadcast(H, a[at + 8]).fma(row, c8);
            c9 = FloatVector.broadcast(H, a[at + 9]).fma(row, c9);
            c10 = FloatVector.broadcast(H, a[at + 10]).fma(row, c10);
            c11 = FloatVector.broadcast(H, a[at + 11]).fma(row, c11);
            c12 = FloatVector.broadcast(H, a[at + 12]).fma(row, c12);
            c13 = FloatVector.broadcast(H, a[at + 13]).fma(row, c13);
            c14 = FloatVector.broadcast(H, a[at + 14]).fma(row, c14);
            c15 = FloatVector.broadcast(H, a[at + 15]).fma(row, c15);
            c16 = FloatVector.broadcast(H, a[at + 16]).fma(row, c16);
            c17 = FloatVector.broadcast(H, a[at + 17]).fma(row, c17);
            c18 = FloatVector.broadcast(H, a[at + 18]).fma(row, c18);
            c19 = FloatVector.broadcast(H, a[at + 19]).fma(row, c19);
            c20 = FloatVector.broadcast(H, a[at + 20]).fma(row, c20);
            c21 = FloatVector.broadcast(H, a[at + 21]).fma(row, c21);
            c22 = FloatVector.broadcast(H, a[at + 22]).fma(row, c22);
            c23 = FloatVector.broadcast(H, a[at + 23]).fma(row, c23);
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
            FloatVector.fromArray(H, c, co + 12 * ldc).add(c12).intoArray(c, co + 12 * ldc);
            FloatVector.fromArray(H, c, co + 13 * ldc).add(c13).intoArray(c, co + 13 * ldc);
            FloatVector.fromArray(H, c, co + 14 * ldc).add(c14).intoArray(c, co + 14 * ldc);
            FloatVector.fromArray(H, c, co + 15 * ldc).add(c15).intoArray(c, co + 15 * ldc);
            FloatVector.fromArray(H, c, co + 16 * ldc).add(c16).intoArray(c, co + 16 * ldc);
            FloatVector.fromArray(H, c, co + 17 * ldc).add(c17).intoArray(c, co + 17 * ldc);
            FloatVector.fromArray(H, c, co + 18 * ldc).add(c18).intoArray(c, co + 18 * ldc);
            FloatVector.fromArray(H, c, co + 19 * ldc).add(c19).intoArray(c, co + 19 * ldc);
            FloatVector.fromArray(H, c, co + 20 * ldc).add(c20).intoArray(c, co + 20 * ldc);
            FloatVector.fromArray(H, c, co + 21 * ldc).add(c21).intoArray(c, co + 21 * ldc);
            FloatVector.fromArray(H, c, co + 22 * ldc).add(c22).intoArray(c, co + 22 * ldc);
            FloatVector.fromArray(H, c, co + 23 * ldc).add(c23).intoArray(c, co + 23 * ldc);
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
            c12.intoArray(c, co + 12 * ldc);
            c13.intoArray(c, co + 13 * ldc);
            c14.intoArray(c, co + 14 * ldc);
            c15.intoArray(c, co + 15 * ldc);
            c16.intoArray(c, co + 16 * ldc);
            c17.intoArray(c, co + 17 * ldc);
            c18.intoArray(c, co + 18 * ldc);
            c19.intoArray(c, co + 19 * ldc);
            c20.intoArray(c, co + 20 * ldc);
            c21.intoArray(c, co + 21 * ldc);
            c22.intoArray(c, co + 22 * ldc);
            c23.intoArray(c, co + 23 * ldc);
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
