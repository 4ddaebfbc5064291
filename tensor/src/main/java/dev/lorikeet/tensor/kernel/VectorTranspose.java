package dev.lorikeet.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes by blocks of 8 × 8 in registers: in step d = 1, 2, 4 rows i and i + d exchange the lanes whose number has,
 * or has not, the bit d.
 */
final class VectorTranspose {
    static final int BLOCK = 8;
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final VectorMask<Float> ODD_1 = lanesWith(1);
    private static final VectorMask<Float> ODD_2 = lanesWith(2);
    private static final VectorMask<Float> ODD_4 = lanesWith(4);
    private static final VectorShuffle<Float> FROM_LEFT_1 = lanesFrom(-1);
    private static final VectorShuffle<Float> FROM_RIGHT_1 = lanesFrom(1);
    private static final VectorShuffle<Float> FROM_LEFT_2 = lanesFrom(-2);
    private static final VectorShuffle<Float> FROM_RIGHT_2 = lanesFrom(2);
    private static final VectorShuffle<Float> FROM_LEFT_4 = lanesFrom(-4);
    private static final VectorShuffle<Float> FROM_RIGHT_4 = lanesFrom(4);

    private VectorTranspose() {}

    private static VectorMask<Float> lanesWith(int bit) {
        boolean[] lanes = new boolean[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            lanes[i] = (i & bit) != 0;
        }
        return VectorMask.fromArray(S, lanes, 0);
    }

    private static VectorShuffle<Float> lanesFrom(int distance) {
        return VectorShuffle.fromOp(S, i -> i + distance & BLOCK - 1);
    }

    /** As {@link Kernels#transpose}. */
    static void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        int i = 0;
        for (; i <= rows - BLOCK; i += BLOCK) {
            int j = 0;
            for (; j <= columns - BLOCK; j += BLOCK) {
                block(x, xo + i * ldx + j, ldx, y, yo + j * ldy + i, ldy);
            }
            rest(i, i + BLOCK, j, columns, x, xo, ldx, y, yo, ldy);
        }
        rest(i, rows, 0, columns, x, xo, ldx, y, yo, ldy);
    }

    private static void rest(int i0, int i1, int j0, int j1, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        for (int i = i0; i < i1; i++) {
            for (int j = j0; j < j1; j++) {
                y[yo + j * ldy + i] = x[xo + i * ldx + j];
            }
        }
    }

    private static void block(float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        FloatVector r0 = FloatVector.fromArray(S, x, xo);
        FloatVector r1 = FloatVector.fromArray(S, x, xo + ldx);
        FloatVector r2 = FloatVector.fromArray(S, x, xo + 2 * ldx);
        FloatVector r3 = FloatVector.fromArray(S, x, xo + 3 * ldx);
        FloatVector r4 = FloatVector.fromArray(S, x, xo + 4 * ldx);
        FloatVector r5 = FloatVector.fromArray(S, x, xo + 5 * ldx);
        FloatVector r6 = FloatVector.fromArray(S, x, xo + 6 * ldx);
        FloatVector r7 = FloatVector.fromArray(S, x, xo + 7 * ldx);
        FloatVector t;
        t = r0;
        r0 = r0.blend(r1.rearrange(FROM_LEFT_1), ODD_1);
        r1 = t.rearrange(FROM_RIGHT_1).blend(r1, ODD_1);
        t = r2;
        r2 = r2.blend(r3.rearrange(FROM_LEFT_1), ODD_1);
        r3 = t.rearrange(FROM_RIGHT_1).blend(r3, ODD_1);
        t = r4;
        r4 = r4.blend(r5.rearrange(FROM_LEFT_1), ODD_1);
        r5 = t.rearrange(FROM_RIGHT_1).blend(r5, ODD_1);
        t = r6;
        r6 = r6.blend(r7.rearrange(FROM_LEFT_1), ODD_1);
        r7 = t.rearrange(FROM_RIGHT_1).blend(r7, ODD_1);
        t = r0;
        r0 = r0.blend(r2.rearrange(FROM_LEFT_2), ODD_2);
        r2 = t.rearrange(FROM_RIGHT_2).blend(r2, ODD_2);
        t = r1;
        r1 = r1.blend(r3.rearrange(FROM_LEFT_2), ODD_2);
        r3 = t.rearrange(FROM_RIGHT_2).blend(r3, ODD_2);
        t = r4;
        r4 = r4.blend(r6.rearrange(FROM_LEFT_2), ODD_2);
        r6 = t.rearrange(FROM_RIGHT_2).blend(r6, ODD_2);
        t = r5;
        r5 = r5.blend(r7.rearrange(FROM_LEFT_2), ODD_2);
        r7 = t.rearrange(FROM_RIGHT_2).blend(r7, ODD_2);
        t = r0;
        r0 = r0.blend(r4.rearrange(FROM_LEFT_4), ODD_4);
        r4 = t.rearrange(FROM_RIGHT_4).blend(r4, ODD_4);
        t = r1;
        r1 = r1.blend(r5.rearrange(FROM_LEFT_4), ODD_4);
        r5 = t.rearrange(FROM_RIGHT_4).blend(r5, ODD_4);
        t = r2;
        r2 = r2.blend(r6.rearrange(FROM_LEFT_4), ODD_4);
        r6 = t.rearrange(FROM_RIGHT_4).blend(r6, ODD_4);
        t = r3;
        r3 = r3.blend(r7.rearrange(FROM_LEFT_4), ODD_4);
        r7 = t.rearrange(FROM_RIGHT_4).blend(r7, ODD_4);
        r0.intoArray(y, yo);
        r1.intoArray(y, yo + ldy);
        r2.intoArray(y, yo + 2 * ldy);
        r3.intoArray(y, yo + 3 * ldy);
        r4.intoArray(y, yo + 4 * ldy);
        r5.intoArray(y, yo + 5 * ldy);
        r6.intoArray(y, yo + 6 * ldy);
        r7.intoArray(y, yo + 7 * ldy);
    }
}
