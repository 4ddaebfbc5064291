package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of the matrix product, 4 vectors wide: for 32 vector registers.
 *
 * <p>The accumulators are local variables, so that C2 keeps them in registers; the loop over k is not unrolled by hand,
 * which only makes it spill. Each method is one tile height, with as few calls as can be: in a method with too many, C2
 * makes objects of the vectors. z is {@link VectorMatmul#NOTHING} or c.
 */
final class VectorTiles4 {
    static final int WIDTH = 4 * L;

    private VectorTiles4() {}

    /** Rows are taken by sixes, then fours, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int zo = accumulate ? co : 0;
        int ldz = accumulate ? ldc : 0;
        boolean panel = step == 1 && ldb == WIDTH;
        int i = 0;
        for (; i <= m - 6 && i != m - 8; i += 6) { // 4 + 4 need B less often than 6 + 2
            if (panel) {
                VectorPanelTiles.tile6(k, a, ao + i * lda, lda, b, bo, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            } else {
                tile6x4(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            }
        }
        for (; i <= m - 4; i += 4) {
            if (panel) {
                VectorPanelTiles.tile4(k, a, ao + i * lda, lda, b, bo, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            } else {
                tile4x4(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            }
        }
        if (i <= m - 2) {
            tile2x4(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            i += 2;
        }
        if (i < m) {
            tile1x4(k, a, ao + i * lda, step, b, bo, ldb, z, zo + i * ldz, c, co + i * ldc);
        }
    }

    private static void tile6x4(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c12 = c00;
        FloatVector c13 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c22 = c00;
        FloatVector c23 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c32 = c00;
        FloatVector c33 = c00;
        FloatVector c40 = c00;
        FloatVector c41 = c00;
        FloatVector c42 = c00;
        FloatVector c43 = c00;
        FloatVector c50 = c00;
        FloatVector c51 = c00;
        FloatVector c52 = c00;
        FloatVector c53 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * ldb + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * ldb + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, a[a1 + p * step]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, a[a2 + p * step]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, a[a3 + p * step]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            x = FloatVector.broadcast(S, a[a4 + p * step]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            c42 = x.fma(b2, c42);
            c43 = x.fma(b3, c43);
            x = FloatVector.broadcast(S, a[a5 + p * step]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            c52 = x.fma(b2, c52);
            c53 = x.fma(b3, c53);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + 2 * L).add(c02).intoArray(c, co + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * L).add(c03).intoArray(c, co + 3 * L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        FloatVector.fromArray(S, z, zo + ldz + 2 * L).add(c12).intoArray(c, co + ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + ldz + 3 * L).add(c13).intoArray(c, co + ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c20).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz + L).add(c21).intoArray(c, co + 2 * ldc + L);
        FloatVector.fromArray(S, z, zo + 2 * ldz + 2 * L).add(c22).intoArray(c, co + 2 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 2 * ldz + 3 * L).add(c23).intoArray(c, co + 2 * ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c30).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz + L).add(c31).intoArray(c, co + 3 * ldc + L);
        FloatVector.fromArray(S, z, zo + 3 * ldz + 2 * L).add(c32).intoArray(c, co + 3 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * ldz + 3 * L).add(c33).intoArray(c, co + 3 * ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 4 * ldz).add(c40).intoArray(c, co + 4 * ldc);
        FloatVector.fromArray(S, z, zo + 4 * ldz + L).add(c41).intoArray(c, co + 4 * ldc + L);
        FloatVector.fromArray(S, z, zo + 4 * ldz + 2 * L).add(c42).intoArray(c, co + 4 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 4 * ldz + 3 * L).add(c43).intoArray(c, co + 4 * ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 5 * ldz).add(c50).intoArray(c, co + 5 * ldc);
        FloatVector.fromArray(S, z, zo + 5 * ldz + L).add(c51).intoArray(c, co + 5 * ldc + L);
        FloatVector.fromArray(S, z, zo + 5 * ldz + 2 * L).add(c52).intoArray(c, co + 5 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 5 * ldz + 3 * L).add(c53).intoArray(c, co + 5 * ldc + 3 * L);
    }

    private static void tile4x4(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c12 = c00;
        FloatVector c13 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c22 = c00;
        FloatVector c23 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c32 = c00;
        FloatVector c33 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * ldb + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * ldb + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, a[a1 + p * step]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, a[a2 + p * step]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, a[a3 + p * step]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + 2 * L).add(c02).intoArray(c, co + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * L).add(c03).intoArray(c, co + 3 * L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        FloatVector.fromArray(S, z, zo + ldz + 2 * L).add(c12).intoArray(c, co + ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + ldz + 3 * L).add(c13).intoArray(c, co + ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c20).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz + L).add(c21).intoArray(c, co + 2 * ldc + L);
        FloatVector.fromArray(S, z, zo + 2 * ldz + 2 * L).add(c22).intoArray(c, co + 2 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 2 * ldz + 3 * L).add(c23).intoArray(c, co + 2 * ldc + 3 * L);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c30).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz + L).add(c31).intoArray(c, co + 3 * ldc + L);
        FloatVector.fromArray(S, z, zo + 3 * ldz + 2 * L).add(c32).intoArray(c, co + 3 * ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * ldz + 3 * L).add(c33).intoArray(c, co + 3 * ldc + 3 * L);
    }

    private static void tile2x4(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c12 = c00;
        FloatVector c13 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * ldb + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * ldb + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, a[a1 + p * step]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + 2 * L).add(c02).intoArray(c, co + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * L).add(c03).intoArray(c, co + 3 * L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        FloatVector.fromArray(S, z, zo + ldz + 2 * L).add(c12).intoArray(c, co + ldc + 2 * L);
        FloatVector.fromArray(S, z, zo + ldz + 3 * L).add(c13).intoArray(c, co + ldc + 3 * L);
    }

    private static void tile1x4(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] z, int zo,
            float[] c, int co) {
        int a0 = ao;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * ldb + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * ldb + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + 2 * L).add(c02).intoArray(c, co + 2 * L);
        FloatVector.fromArray(S, z, zo + 3 * L).add(c03).intoArray(c, co + 3 * L);
    }

    /**
     * One row with all of its chains: what a row takes is the time to read B, so that no chain may wait for the end of
     * the one before.
     */
    static void row(int k, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int zo = accumulate ? co : 0;
        FloatVector c0 = FloatVector.fromArray(S, z, zo);
        FloatVector c1 = FloatVector.fromArray(S, z, zo + L);
        FloatVector c2 = FloatVector.fromArray(S, z, zo + 2 * L);
        FloatVector c3 = FloatVector.fromArray(S, z, zo + 3 * L);
        for (int from = 0; from < k; from += Kernels.CHAIN) {
            int to = Math.min(k, from + Kernels.CHAIN);
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            if (ldb == WIDTH) { // a packed panel: with the distance known, C2 needs no checks
                for (int p = from; p < to; p++) {
                    FloatVector x = FloatVector.broadcast(S, a[ao + p]);
                    s0 = x.fma(FloatVector.fromArray(S, b, bo + p * WIDTH), s0);
                    s1 = x.fma(FloatVector.fromArray(S, b, bo + p * WIDTH + L), s1);
                    s2 = x.fma(FloatVector.fromArray(S, b, bo + p * WIDTH + 2 * L), s2);
                    s3 = x.fma(FloatVector.fromArray(S, b, bo + p * WIDTH + 3 * L), s3);
                }
            } else {
                for (int p = from; p < to; p++) {
                    FloatVector x = FloatVector.broadcast(S, a[ao + p]);
                    s0 = x.fma(FloatVector.fromArray(S, b, bo + p * ldb), s0);
                    s1 = x.fma(FloatVector.fromArray(S, b, bo + p * ldb + L), s1);
                    s2 = x.fma(FloatVector.fromArray(S, b, bo + p * ldb + 2 * L), s2);
                    s3 = x.fma(FloatVector.fromArray(S, b, bo + p * ldb + 3 * L), s3);
                }
            }
            c0 = c0.add(s0);
            c1 = c1.add(s1);
            c2 = c2.add(s2);
            c3 = c3.add(s3);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + L);
        c2.intoArray(c, co + 2 * L);
        c3.intoArray(c, co + 3 * L);
    }
}
