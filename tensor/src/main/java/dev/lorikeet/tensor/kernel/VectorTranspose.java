package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes by blocks of L × L: in step d = 1, 2, … L / 2 rows i and i + d exchange the lanes whose number has, or has
 * not, the bit d. Two steps at a time, on four rows in registers: more of it in one method is more than C2 inlines.
 */
final class VectorTranspose {
    private static final VectorMask<Float> ODD_1 = lanesWith(1);
    private static final VectorMask<Float> ODD_2 = lanesWith(2);
    private static final VectorMask<Float> ODD_4 = lanesWith(4);
    private static final VectorMask<Float> ODD_8 = lanesWith(8);
    private static final VectorShuffle<Float> FROM_LEFT_1 = lanesFrom(-1);
    private static final VectorShuffle<Float> FROM_RIGHT_1 = lanesFrom(1);
    private static final VectorShuffle<Float> FROM_LEFT_2 = lanesFrom(-2);
    private static final VectorShuffle<Float> FROM_RIGHT_2 = lanesFrom(2);
    private static final VectorShuffle<Float> FROM_LEFT_4 = lanesFrom(-4);
    private static final VectorShuffle<Float> FROM_RIGHT_4 = lanesFrom(4);
    private static final VectorShuffle<Float> FROM_LEFT_8 = lanesFrom(-8);
    private static final VectorShuffle<Float> FROM_RIGHT_8 = lanesFrom(8);

    private VectorTranspose() {}

    private static VectorMask<Float> lanesWith(int bit) {
        boolean[] lanes = new boolean[L];
        for (int i = 0; i < L; i++) {
            lanes[i] = (i & bit) != 0;
        }
        return VectorMask.fromArray(S, lanes, 0);
    }

    private static VectorShuffle<Float> lanesFrom(int distance) {
        return VectorShuffle.fromOp(S, i -> i + distance & L - 1);
    }

    /** As {@link Kernels#transpose}. */
    static void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        int i = 0;
        for (; i <= rows - L; i += L) {
            int j = 0;
            for (; j <= columns - L; j += L) {
                block(x, xo + i * ldx + j, ldx, y, yo + j * ldy + i, ldy);
            }
            rest(i, i + L, j, columns, x, xo, ldx, y, yo, ldy);
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
        for (int i = 0; i < L; i += 4) {
            steps1and2(x, xo + i * ldx, ldx, y, yo + i * ldy, ldy);
        }
        if (L == 16) {
            for (int i = 0; i < 4; i++) {
                steps4and8(y, yo + i * ldy, 4 * ldy);
            }
        } else if (L == 8) {
            for (int i = 0; i < 4; i++) {
                step4(y, yo + i * ldy, 4 * ldy);
            }
        }
    }

    private static void steps1and2(float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        FloatVector r0 = fromArray(S, x, xo);
        FloatVector r1 = fromArray(S, x, xo + ldx);
        FloatVector r2 = fromArray(S, x, xo + 2 * ldx);
        FloatVector r3 = fromArray(S, x, xo + 3 * ldx);
        FloatVector s0 = r0.blend(r1.rearrange(FROM_LEFT_1), ODD_1);
        FloatVector s1 = r0.rearrange(FROM_RIGHT_1).blend(r1, ODD_1);
        FloatVector s2 = r2.blend(r3.rearrange(FROM_LEFT_1), ODD_1);
        FloatVector s3 = r2.rearrange(FROM_RIGHT_1).blend(r3, ODD_1);
        s0.blend(s2.rearrange(FROM_LEFT_2), ODD_2).intoArray(y, yo);
        s1.blend(s3.rearrange(FROM_LEFT_2), ODD_2).intoArray(y, yo + ldy);
        s0.rearrange(FROM_RIGHT_2).blend(s2, ODD_2).intoArray(y, yo + 2 * ldy);
        s1.rearrange(FROM_RIGHT_2).blend(s3, ODD_2).intoArray(y, yo + 3 * ldy);
    }

    private static void steps4and8(float[] y, int yo, int ldy) {
        FloatVector r0 = fromArray(S, y, yo);
        FloatVector r1 = fromArray(S, y, yo + ldy);
        FloatVector r2 = fromArray(S, y, yo + 2 * ldy);
        FloatVector r3 = fromArray(S, y, yo + 3 * ldy);
        FloatVector s0 = r0.blend(r1.rearrange(FROM_LEFT_4), ODD_4);
        FloatVector s1 = r0.rearrange(FROM_RIGHT_4).blend(r1, ODD_4);
        FloatVector s2 = r2.blend(r3.rearrange(FROM_LEFT_4), ODD_4);
        FloatVector s3 = r2.rearrange(FROM_RIGHT_4).blend(r3, ODD_4);
        s0.blend(s2.rearrange(FROM_LEFT_8), ODD_8).intoArray(y, yo);
        s1.blend(s3.rearrange(FROM_LEFT_8), ODD_8).intoArray(y, yo + ldy);
        s0.rearrange(FROM_RIGHT_8).blend(s2, ODD_8).intoArray(y, yo + 2 * ldy);
        s1.rearrange(FROM_RIGHT_8).blend(s3, ODD_8).intoArray(y, yo + 3 * ldy);
    }

    private static void step4(float[] y, int yo, int ldy) {
        FloatVector r0 = fromArray(S, y, yo);
        FloatVector r1 = fromArray(S, y, yo + ldy);
        r0.blend(r1.rearrange(FROM_LEFT_4), ODD_4).intoArray(y, yo);
        r0.rearrange(FROM_RIGHT_4).blend(r1, ODD_4).intoArray(y, yo + ldy);
    }
}
