package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorTiles4.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * The tall tiles of {@link VectorTiles4} for a B that is a packed panel and an A by rows: where both steps are
 * constants, C2 needs no multiplications in the loop and checks its bounds before it.
 */
final class VectorPanelTiles {
    private VectorPanelTiles() {}

    static void tile6(int k, float[] a, int ao, int lda, float[] b, int bo, float[] z, int zo, int ldz,
            float[] c, int co, int ldc) {
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
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * WIDTH);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * WIDTH + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * WIDTH + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * WIDTH + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, a[a3 + p]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
            c32 = x.fma(b2, c32);
            c33 = x.fma(b3, c33);
            x = FloatVector.broadcast(S, a[a4 + p]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            c42 = x.fma(b2, c42);
            c43 = x.fma(b3, c43);
            x = FloatVector.broadcast(S, a[a5 + p]);
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

    static void tile4(int k, float[] a, int ao, int lda, float[] b, int bo, float[] z, int zo, int ldz,
            float[] c, int co, int ldc) {
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
            FloatVector b0 = FloatVector.fromArray(S, b, bo + p * WIDTH);
            FloatVector b1 = FloatVector.fromArray(S, b, bo + p * WIDTH + L);
            FloatVector b2 = FloatVector.fromArray(S, b, bo + p * WIDTH + 2 * L);
            FloatVector b3 = FloatVector.fromArray(S, b, bo + p * WIDTH + 3 * L);
            FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            c02 = x.fma(b2, c02);
            c03 = x.fma(b3, c03);
            x = FloatVector.broadcast(S, a[a1 + p]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            c12 = x.fma(b2, c12);
            c13 = x.fma(b3, c13);
            x = FloatVector.broadcast(S, a[a2 + p]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            c22 = x.fma(b2, c22);
            c23 = x.fma(b3, c23);
            x = FloatVector.broadcast(S, a[a3 + p]);
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
}
