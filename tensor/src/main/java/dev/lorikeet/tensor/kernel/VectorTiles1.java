package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of the matrix product, one vector wide: for what is left beside the wider ones, for short sequences,
 * and for adapters of a rank that one vector holds.
 */
final class VectorTiles1 {
    static final int WIDTH = L;

    private VectorTiles1() {}

    /** Rows are taken by 24s or eights, as they lie, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int zo = accumulate ? co : 0;
        int ldz = accumulate ? ldc : 0;
        int i = 0;
        if (step == 1 && ldb == WIDTH && k % 2 == 0) {
            for (; i <= m - 8; i += 8) {
                rows8(k, a, ao + i * lda, lda, b, bo, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            }
        } else if (lda == 1 && VectorMatmul.WIDE) {
            for (; i <= m - 24; i += 24) {
                columns24(k, a, ao + i, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            }
        }
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

    /**
     * Rows with their elements side by side: more of them, and their addresses do not fit the registers. Two steps a
     * round need each address once, and where the rows of B lie together C2 needs no check of them.
     */
    private static void rows8(int k, float[] a, int a0, int lda, float[] b, int bo, float[] z, int zo, int ldz,
            float[] c, int co, int ldc) {
        int a1 = a0 + lda;
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
        for (int p = 0; p < k; p += 2) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * WIDTH);
            c0 = FloatVector.broadcast(S, a[a0 + p]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p]).fma(row, c3);
            c4 = FloatVector.broadcast(S, a[a4 + p]).fma(row, c4);
            c5 = FloatVector.broadcast(S, a[a5 + p]).fma(row, c5);
            c6 = FloatVector.broadcast(S, a[a6 + p]).fma(row, c6);
            c7 = FloatVector.broadcast(S, a[a7 + p]).fma(row, c7);
            FloatVector next = FloatVector.fromArray(S, b, bo + (p + 1) * WIDTH);
            c0 = FloatVector.broadcast(S, a[a0 + p + 1]).fma(next, c0);
            c1 = FloatVector.broadcast(S, a[a1 + p + 1]).fma(next, c1);
            c2 = FloatVector.broadcast(S, a[a2 + p + 1]).fma(next, c2);
            c3 = FloatVector.broadcast(S, a[a3 + p + 1]).fma(next, c3);
            c4 = FloatVector.broadcast(S, a[a4 + p + 1]).fma(next, c4);
            c5 = FloatVector.broadcast(S, a[a5 + p + 1]).fma(next, c5);
            c6 = FloatVector.broadcast(S, a[a6 + p + 1]).fma(next, c6);
            c7 = FloatVector.broadcast(S, a[a7 + p + 1]).fma(next, c7);
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

    /** Rows side by side: one address serves all. */
    private static void columns24(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] z, int zo,
            int ldz, float[] c, int co, int ldc) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        FloatVector c4 = c0;
        FloatVector c5 = c0;
        FloatVector c6 = c0;
        FloatVector c7 = c0;
        FloatVector c8 = c0;
        FloatVector c9 = c0;
        FloatVector c10 = c0;
        FloatVector c11 = c0;
        FloatVector c12 = c0;
        FloatVector c13 = c0;
        FloatVector c14 = c0;
        FloatVector c15 = c0;
        FloatVector c16 = c0;
        FloatVector c17 = c0;
        FloatVector c18 = c0;
        FloatVector c19 = c0;
        FloatVector c20 = c0;
        FloatVector c21 = c0;
        FloatVector c22 = c0;
        FloatVector c23 = c0;
        for (int p = 0; p < k; p++) {
            FloatVector row = FloatVector.fromArray(S, b, bo + p * ldb);
            int at = ao + p * step;
            c0 = FloatVector.broadcast(S, a[at]).fma(row, c0);
            c1 = FloatVector.broadcast(S, a[at + 1]).fma(row, c1);
            c2 = FloatVector.broadcast(S, a[at + 2]).fma(row, c2);
            c3 = FloatVector.broadcast(S, a[at + 3]).fma(row, c3);
            c4 = FloatVector.broadcast(S, a[at + 4]).fma(row, c4);
            c5 = FloatVector.broadcast(S, a[at + 5]).fma(row, c5);
            c6 = FloatVector.broadcast(S, a[at + 6]).fma(row, c6);
            c7 = FloatVector.broadcast(S, a[at + 7]).fma(row, c7);
            c8 = FloatVector.broadcast(S, a[at + 8]).fma(row, c8);
            c9 = FloatVector.broadcast(S, a[at + 9]).fma(row, c9);
            c10 = FloatVector.broadcast(S, a[at + 10]).fma(row, c10);
            c11 = FloatVector.broadcast(S, a[at + 11]).fma(row, c11);
            c12 = FloatVector.broadcast(S, a[at + 12]).fma(row, c12);
            c13 = FloatVector.broadcast(S, a[at + 13]).fma(row, c13);
            c14 = FloatVector.broadcast(S, a[at + 14]).fma(row, c14);
            c15 = FloatVector.broadcast(S, a[at + 15]).fma(row, c15);
            c16 = FloatVector.broadcast(S, a[at + 16]).fma(row, c16);
            c17 = FloatVector.broadcast(S, a[at + 17]).fma(row, c17);
            c18 = FloatVector.broadcast(S, a[at + 18]).fma(row, c18);
            c19 = FloatVector.broadcast(S, a[at + 19]).fma(row, c19);
            c20 = FloatVector.broadcast(S, a[at + 20]).fma(row, c20);
            c21 = FloatVector.broadcast(S, a[at + 21]).fma(row, c21);
            c22 = FloatVector.broadcast(S, a[at + 22]).fma(row, c22);
            c23 = FloatVector.broadcast(S, a[at + 23]).fma(row, c23);
        }
        FloatVector.fromArray(S, z, zo).add(c0).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + ldz).add(c1).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c2).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c3).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 4 * ldz).add(c4).intoArray(c, co + 4 * ldc);
        FloatVector.fromArray(S, z, zo + 5 * ldz).add(c5).intoArray(c, co + 5 * ldc);
        FloatVector.fromArray(S, z, zo + 6 * ldz).add(c6).intoArray(c, co + 6 * ldc);
        FloatVector.fromArray(S, z, zo + 7 * ldz).add(c7).intoArray(c, co + 7 * ldc);
        FloatVector.fromArray(S, z, zo + 8 * ldz).add(c8).intoArray(c, co + 8 * ldc);
        FloatVector.fromArray(S, z, zo + 9 * ldz).add(c9).intoArray(c, co + 9 * ldc);
        FloatVector.fromArray(S, z, zo + 10 * ldz).add(c10).intoArray(c, co + 10 * ldc);
        FloatVector.fromArray(S, z, zo + 11 * ldz).add(c11).intoArray(c, co + 11 * ldc);
        FloatVector.fromArray(S, z, zo + 12 * ldz).add(c12).intoArray(c, co + 12 * ldc);
        FloatVector.fromArray(S, z, zo + 13 * ldz).add(c13).intoArray(c, co + 13 * ldc);
        FloatVector.fromArray(S, z, zo + 14 * ldz).add(c14).intoArray(c, co + 14 * ldc);
        FloatVector.fromArray(S, z, zo + 15 * ldz).add(c15).intoArray(c, co + 15 * ldc);
        FloatVector.fromArray(S, z, zo + 16 * ldz).add(c16).intoArray(c, co + 16 * ldc);
        FloatVector.fromArray(S, z, zo + 17 * ldz).add(c17).intoArray(c, co + 17 * ldc);
        FloatVector.fromArray(S, z, zo + 18 * ldz).add(c18).intoArray(c, co + 18 * ldc);
        FloatVector.fromArray(S, z, zo + 19 * ldz).add(c19).intoArray(c, co + 19 * ldc);
        FloatVector.fromArray(S, z, zo + 20 * ldz).add(c20).intoArray(c, co + 20 * ldc);
        FloatVector.fromArray(S, z, zo + 21 * ldz).add(c21).intoArray(c, co + 21 * ldc);
        FloatVector.fromArray(S, z, zo + 22 * ldz).add(c22).intoArray(c, co + 22 * ldc);
        FloatVector.fromArray(S, z, zo + 23 * ldz).add(c23).intoArray(c, co + 23 * ldc);
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
