package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * {@link AttentionKernels} for {@link VectorKernels}: a vector of queries side by side.
 *
 * <p>What is stored was added to something just before, if only to {@link VectorMatmul#NOTHING}: of a sum that comes
 * out of a loop C2 knows no more than that it is a vector of floats, and of which width it must guess.
 */
final class VectorAttention {
    private static final int LD = AttentionKernels.QUERIES;

    private VectorAttention() {}

    /**
     * One method, and no smaller ones inside: where two exp come into one compiled method, C2 makes objects of vectors.
     * It is above the 325 bytecodes that C2 inlines (FreqInlineSize): inside of {@code AttentionHead.forward} the limit
     * on nodes would leave a part of exp a call, and its vectors objects.
     */
    static void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum) {
        FloatVector scales = FloatVector.broadcast(S, scale);
        for (int i = 0; i < queries; i += L) {
            FloatVector m0 = fromArray(S, s, i);
            FloatVector m1 = m0;
            FloatVector m2 = m0;
            int at = i;
            for (; at < (keys - 2) * LD; at += 3 * LD) { // max takes as long as four additions
                m0 = m0.max(fromArray(S, s, at));
                m1 = m1.max(fromArray(S, s, at + LD));
                m2 = m2.max(fromArray(S, s, at + 2 * LD));
            }
            for (; at < keys * LD; at += LD) {
                m0 = m0.max(fromArray(S, s, at));
            }
            m0 = m0.max(m1).max(m2);
            FloatVector shifts = m0.mul(scales).max(fromArray(S, shift, i));
            shifts.intoArray(shift, i);
            shifts = shifts.neg();
            FloatVector sums = FloatVector.zero(S);
            for (at = i; at < keys * LD; at += LD) {
                FloatVector e = VectorMath.exp(fromArray(S, s, at).fma(scales, shifts));
                e.intoArray(s, at);
                sums = sums.add(e);
            }
            fromArray(S, VectorMatmul.NOTHING, 0).add(sums).intoArray(sum, i);
        }
    }

    static void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse,
            float[] dp, float[] delta) {
        FloatVector scales = FloatVector.broadcast(S, scale);
        for (int i = 0; i < queries; i += L) {
            FloatVector shifts = fromArray(S, shift, i).neg();
            FloatVector inverses = fromArray(S, inverse, i);
            FloatVector deltas = fromArray(S, delta, i);
            for (int at = i; at < keys * LD; at += LD) {
                FloatVector p = VectorMath.exp(fromArray(S, s, at).fma(scales, shifts)).mul(inverses);
                p.intoArray(s, at);
                p.mul(fromArray(S, dp, at).sub(deltas)).mul(scales).intoArray(dp, at);
            }
        }
    }

    /** By tiles of four queries: P has room for those that are missing in the last, C has not. */
    static void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        float[] z = accumulate ? c : VectorMatmul.NOTHING;
        int ldz = accumulate ? ldc : 0;
        int j = 0;
        for (; j <= n - 2 * L; j += 2 * L) {
            for (int i = 0; i < queries; i += 4) {
                tile4x2(keys, Math.min(4, queries - i), p, i, b, bo + j, ldb, z, accumulate ? co + i * ldc + j : 0, ldz,
                        c, co + i * ldc + j, ldc);
            }
        }
        for (; j <= n - L; j += L) {
            for (int i = 0; i < queries; i += 4) {
                tile4x1(keys, Math.min(4, queries - i), p, i, b, bo + j, ldb, z, accumulate ? co + i * ldc + j : 0, ldz,
                        c, co + i * ldc + j, ldc);
            }
        }
        if (j < n) {
            ScalarAttention.weightedSums(keys, queries, n - j, p, b, bo + j, ldb, c, co + j, ldc, accumulate);
        }
    }

    private static void tile4x2(int keys, int rows, float[] p, int i, float[] b, int bo, int ldb, float[] z, int zo,
            int ldz, float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.zero(S);
        FloatVector c01 = FloatVector.zero(S);
        FloatVector c10 = FloatVector.zero(S);
        FloatVector c11 = FloatVector.zero(S);
        FloatVector c20 = FloatVector.zero(S);
        FloatVector c21 = FloatVector.zero(S);
        FloatVector c30 = FloatVector.zero(S);
        FloatVector c31 = FloatVector.zero(S);
        for (int j = 0; j < keys; j++) {
            FloatVector b0 = fromArray(S, b, bo + j * ldb);
            FloatVector b1 = fromArray(S, b, bo + j * ldb + L);
            FloatVector x = FloatVector.broadcast(S, p[j * LD + i]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(S, p[j * LD + i + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(S, p[j * LD + i + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(S, p[j * LD + i + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        fromArray(S, z, zo).add(c00).intoArray(c, co);
        fromArray(S, z, zo + L).add(c01).intoArray(c, co + L);
        if (rows > 1) {
            fromArray(S, z, zo + ldz).add(c10).intoArray(c, co + ldc);
            fromArray(S, z, zo + ldz + L).add(c11).intoArray(c, co + ldc + L);
        }
        if (rows > 2) {
            fromArray(S, z, zo + 2 * ldz).add(c20).intoArray(c, co + 2 * ldc);
            fromArray(S, z, zo + 2 * ldz + L).add(c21).intoArray(c, co + 2 * ldc + L);
        }
        if (rows > 3) {
            fromArray(S, z, zo + 3 * ldz).add(c30).intoArray(c, co + 3 * ldc);
            fromArray(S, z, zo + 3 * ldz + L).add(c31).intoArray(c, co + 3 * ldc + L);
        }
    }

    private static void tile4x1(int keys, int rows, float[] p, int i, float[] b, int bo, int ldb, float[] z, int zo,
            int ldz, float[] c, int co, int ldc) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int j = 0; j < keys; j++) {
            FloatVector row = fromArray(S, b, bo + j * ldb);
            c0 = FloatVector.broadcast(S, p[j * LD + i]).fma(row, c0);
            c1 = FloatVector.broadcast(S, p[j * LD + i + 1]).fma(row, c1);
            c2 = FloatVector.broadcast(S, p[j * LD + i + 2]).fma(row, c2);
            c3 = FloatVector.broadcast(S, p[j * LD + i + 3]).fma(row, c3);
        }
        fromArray(S, z, zo).add(c0).intoArray(c, co);
        if (rows > 1) {
            fromArray(S, z, zo + ldz).add(c1).intoArray(c, co + ldc);
        }
        if (rows > 2) {
            fromArray(S, z, zo + 2 * ldz).add(c2).intoArray(c, co + 2 * ldc);
        }
        if (rows > 3) {
            fromArray(S, z, zo + 3 * ldz).add(c3).intoArray(c, co + 3 * ldc);
        }
    }

    static void means(int rows, int n, float[] x, int xo, int ldx, float[] mean) {
        int c = 0;
        for (; c <= n - L; c += L) {
            FloatVector sum = FloatVector.zero(S);
            for (int i = 0; i < rows; i++) {
                sum = sum.add(fromArray(S, x, xo + i * ldx + c));
            }
            sum.div(rows).intoArray(mean, c);
        }
        for (; c < n; c++) {
            float sum = 0;
            for (int i = 0; i < rows; i++) {
                sum += x[xo + i * ldx + c];
            }
            mean[c] = sum / rows;
        }
    }

    static void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y) {
        int c = 0;
        for (; c <= n - L; c += L) {
            FloatVector means = fromArray(S, mean, c);
            for (int i = 0; i < rows; i++) {
                fromArray(S, x, xo + i * ldx + c).sub(means).intoArray(y, i * n + c);
            }
        }
        for (; c < n; c++) {
            for (int i = 0; i < rows; i++) {
                y[i * n + c] = x[xo + i * ldx + c] - mean[c];
            }
        }
    }

    static void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx) {
        int c = 0;
        for (; c <= n - L; c += L) {
            for (int i = 0; i < rows; i++) {
                int at = xo + i * ldx + c;
                fromArray(S, x, at).mul(factor[i]).intoArray(x, at);
            }
        }
        for (; c < n; c++) {
            for (int i = 0; i < rows; i++) {
                x[xo + i * ldx + c] *= factor[i];
            }
        }
    }
}
