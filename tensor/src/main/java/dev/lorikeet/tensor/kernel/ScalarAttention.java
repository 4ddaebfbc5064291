package dev.lorikeet.tensor.kernel;

import java.util.Arrays;

/** The specification of {@link AttentionKernels}, for {@link ScalarKernels}. */
final class ScalarAttention {
    private static final int LD = AttentionKernels.QUERIES;

    private ScalarAttention() {}

    static void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum) {
        Arrays.fill(sum, 0, queries, 0f);
        for (int j = 0; j < keys; j++) {
            for (int i = 0; i < queries; i++) {
                shift[i] = Math.max(shift[i], s[j * LD + i] * scale);
            }
        }
        for (int j = 0; j < keys; j++) {
            for (int i = 0; i < queries; i++) {
                float e = FloatMath.exp(Math.fma(s[j * LD + i], scale, -shift[i]));
                s[j * LD + i] = e;
                sum[i] += e;
            }
        }
    }

    static void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse,
            float[] dp, float[] delta) {
        for (int j = 0; j < keys; j++) {
            for (int i = 0; i < queries; i++) {
                float p = FloatMath.exp(Math.fma(s[j * LD + i], scale, -shift[i])) * inverse[i];
                s[j * LD + i] = p;
                dp[j * LD + i] = p * (dp[j * LD + i] - delta[i]) * scale;
            }
        }
    }

    static void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        for (int i = 0; i < queries; i++) {
            int j = 0;
            for (; j <= n - 4; j += 4) {
                weightedSums4(keys, p, i, b, bo + j, ldb, c, co + i * ldc + j, accumulate);
            }
            for (; j < n; j++) {
                weightedSum(keys, p, i, b, bo + j, ldb, c, co + i * ldc + j, accumulate);
            }
        }
    }

    private static void weightedSum(int keys, float[] p, int i, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        float s = 0;
        for (int j = 0; j < keys; j++) {
            s = Math.fma(p[j * LD + i], b[bo + j * ldb], s);
        }
        c[co] = accumulate ? c[co] + s : s;
    }

    /** Four columns side by side: their chains do not wait for each other. */
    private static void weightedSums4(int keys, float[] p, int i, float[] b, int bo, int ldb, float[] c, int co,
            boolean accumulate) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        for (int j = 0; j < keys; j++) {
            float x = p[j * LD + i];
            int row = bo + j * ldb;
            s0 = Math.fma(x, b[row], s0);
            s1 = Math.fma(x, b[row + 1], s1);
            s2 = Math.fma(x, b[row + 2], s2);
            s3 = Math.fma(x, b[row + 3], s3);
        }
        c[co] = accumulate ? c[co] + s0 : s0;
        c[co + 1] = accumulate ? c[co + 1] + s1 : s1;
        c[co + 2] = accumulate ? c[co + 2] + s2 : s2;
        c[co + 3] = accumulate ? c[co + 3] + s3 : s3;
    }

    static void means(int rows, int n, float[] x, int xo, int ldx, float[] mean) {
        Arrays.fill(mean, 0, n, 0f);
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < n; c++) {
                mean[c] += x[xo + i * ldx + c];
            }
        }
        for (int c = 0; c < n; c++) {
            mean[c] /= rows;
        }
    }

    static void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y) {
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < n; c++) {
                y[i * n + c] = x[xo + i * ldx + c] - mean[c];
            }
        }
    }

    static void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx) {
        for (int i = 0; i < rows; i++) {
            for (int c = 0; c < n; c++) {
                x[xo + i * ldx + c] *= factor[i];
            }
        }
    }
}
