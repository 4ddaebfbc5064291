package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;

import jdk.incubator.vector.FloatVector;

/**
 * Register tiles of the matrix product, 2 vectors wide: for 16 vector registers.
 *
 * <p>The accumulators are local variables, so that C2 keeps them in registers; the loop over k is not unrolled by hand,
 * which only makes it spill. Each method is one tile height, with as few calls as can be: in a method with too many, C2
 * makes objects of the vectors. z is {@link VectorMatmul#NOTHING} or c.
 */
final class VectorTiles2 {
    static final int WIDTH = 2 * L;

    private VectorTiles2() {}

    /** Rows are taken by sixes, then four, two and one; columns are {@link #WIDTH}. */
    static void multiply(int m, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int zo = accumulate ? co : 0;
        int ldz = accumulate ? ldc : 0;
        int i = 0;
        for (; i <= m - 6; i += 6) {
            tile6x2(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
        }
        if (i <= m - 4) {
            tile4x2(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            i += 4;
        }
        if (i <= m - 2) {
            tile2x2(k, a, ao + i * lda, lda, step, b, bo, ldb, z, zo + i * ldz, ldz, c, co + i * ldc, ldc);
            i += 2;
        }
        if (i < m) {
            tile1x2(k, a, ao + i * lda, step, b, bo, ldb, z, zo + i * ldz, c, co + i * ldc);
        }
    }

    /**
     * Two loops: where A is stored by rows, C2 takes the range checks out, which a tile as small as this is slowed by.
     */
    private static void tile6x2(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        int a4 = a3 + lda;
        int a5 = a4 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c40 = c00;
        FloatVector c41 = c00;
        FloatVector c50 = c00;
        FloatVector c51 = c00;
        if (step == 1) {
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
        } else {
            for (int p = 0; p < k; p++) {
                FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
                FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
                FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
                c00 = x.fma(b0, c00);
                c01 = x.fma(b1, c01);
                x = FloatVector.broadcast(S, a[a1 + p * step]);
                c10 = x.fma(b0, c10);
                c11 = x.fma(b1, c11);
                x = FloatVector.broadcast(S, a[a2 + p * step]);
                c20 = x.fma(b0, c20);
                c21 = x.fma(b1, c21);
                x = FloatVector.broadcast(S, a[a3 + p * step]);
                c30 = x.fma(b0, c30);
                c31 = x.fma(b1, c31);
                x = FloatVector.broadcast(S, a[a4 + p * step]);
                c40 = x.fma(b0, c40);
                c41 = x.fma(b1, c41);
                x = FloatVector.broadcast(S, a[a5 + p * step]);
                c50 = x.fma(b0, c50);
                c51 = x.fma(b1, c51);
            }
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c20).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz + L).add(c21).intoArray(c, co + 2 * ldc + L);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c30).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz + L).add(c31).intoArray(c, co + 3 * ldc + L);
        FloatVector.fromArray(S, z, zo + 4 * ldz).add(c40).intoArray(c, co + 4 * ldc);
        FloatVector.fromArray(S, z, zo + 4 * ldz + L).add(c41).intoArray(c, co + 4 * ldc + L);
        FloatVector.fromArray(S, z, zo + 5 * ldz).add(c50).intoArray(c, co + 5 * ldc);
        FloatVector.fromArray(S, z, zo + 5 * ldz + L).add(c51).intoArray(c, co + 5 * ldc + L);
    }

    private static void tile4x2(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        int a2 = a1 + lda;
        int a3 = a2 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, a[a1 + p * step]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, a[a2 + p * step]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, a[a3 + p * step]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        FloatVector.fromArray(S, z, zo + 2 * ldz).add(c20).intoArray(c, co + 2 * ldc);
        FloatVector.fromArray(S, z, zo + 2 * ldz + L).add(c21).intoArray(c, co + 2 * ldc + L);
        FloatVector.fromArray(S, z, zo + 3 * ldz).add(c30).intoArray(c, co + 3 * ldc);
        FloatVector.fromArray(S, z, zo + 3 * ldz + L).add(c31).intoArray(c, co + 3 * ldc + L);
    }

    private static void tile2x2(int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] z,
            int zo, int ldz, float[] c, int co, int ldc) {
        int a0 = ao;
        int a1 = a0 + lda;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, a[a1 + p * step]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        FloatVector.fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
        FloatVector.fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
    }

    private static void tile1x2(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] z, int zo,
            float[] c, int co) {
        int a0 = ao;
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * ldb);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * ldb + L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p * step]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
        }
        FloatVector.fromArray(S, z, zo).add(c00).intoArray(c, co);
        FloatVector.fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
    }
}
