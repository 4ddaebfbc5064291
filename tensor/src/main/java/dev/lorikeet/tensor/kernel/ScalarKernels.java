package dev.lorikeet.tensor.kernel;

/**
 * The specification of {@link Kernels} in plain Java. Loops without a carried dependency are written so that C2 turns
 * them into vector code by itself, the matrix product so that it keeps its sums in registers.
 */
public final class ScalarKernels implements Kernels {
    private static final int LANES = 16;
    private static final int COLUMNS = 8;
    private static final Decoding DECODING = new ScalarDecoding();

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int panelWidth() {
        return 64;
    }

    @Override
    public void matmul(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        for (int p = 0; p < k || p == 0; p += CHAIN) {
            int steps = Math.min(CHAIN, k - p);
            boolean add = accumulate || p > 0;
            for (int i = 0; i < m; i++) {
                int row = ao + i * lda + p * step;
                int j = 0;
                for (; j <= n - COLUMNS; j += COLUMNS) {
                    columns(steps, a, row, step, b, bo + p * ldb + j, ldb, c, co + i * ldc + j, add);
                }
                for (; j < n; j++) {
                    column(steps, a, row, step, b, bo + p * ldb + j, ldb, c, co + i * ldc + j, add);
                }
            }
        }
    }

    private static void column(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] c, int co,
            boolean add) {
        float s = 0;
        for (int p = 0; p < k; p++) {
            s = Math.fma(a[ao + p * step], b[bo + p * ldb], s);
        }
        c[co] = add ? c[co] + s : s;
    }

    /** Eight columns side by side: their chains do not wait for each other, nor for memory. */
    private static void columns(int k, float[] a, int ao, int step, float[] b, int bo, int ldb, float[] c, int co,
            boolean add) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        for (int p = 0; p < k; p++) {
            float x = a[ao + p * step];
            int row = bo + p * ldb;
            s0 = Math.fma(x, b[row], s0);
            s1 = Math.fma(x, b[row + 1], s1);
            s2 = Math.fma(x, b[row + 2], s2);
            s3 = Math.fma(x, b[row + 3], s3);
            s4 = Math.fma(x, b[row + 4], s4);
            s5 = Math.fma(x, b[row + 5], s5);
            s6 = Math.fma(x, b[row + 6], s6);
            s7 = Math.fma(x, b[row + 7], s7);
        }
        if (add) {
            c[co] += s0;
            c[co + 1] += s1;
            c[co + 2] += s2;
            c[co + 3] += s3;
            c[co + 4] += s4;
            c[co + 5] += s5;
            c[co + 6] += s6;
            c[co + 7] += s7;
        } else {
            c[co] = s0;
            c[co + 1] = s1;
            c[co + 2] = s2;
            c[co + 3] = s3;
            c[co + 4] = s4;
            c[co + 5] = s5;
            c[co + 6] = s6;
            c[co + 7] = s7;
        }
    }

    /** In blocks whose rows and columns each fill a cache line. */
    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        for (int first = 0; first < rows; first += LANES) {
            int last = Math.min(rows, first + LANES);
            for (int j = 0; j < columns; j++) {
                for (int i = first; i < last; i++) {
                    y[yo + j * ldy + i] = x[xo + i * ldx + j];
                }
            }
        }
    }

    @Override
    public Decoding decoding() {
        return DECODING;
    }

    @Override
    public float sum(int n, float[] x, int xo) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            lanes[i % LANES] += x[xo + i];
        }
        return fold(lanes);
    }

    @Override
    public float dot(int n, float[] x, int xo, float[] y, int yo) {
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            lanes[i % LANES] = Math.fma(x[xo + i], y[yo + i], lanes[i % LANES]);
        }
        return fold(lanes);
    }

    /** The fixed tree of every sum. */
    private static float fold(float[] lanes) {
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }

    @Override
    public float max(int n, float[] x, int xo) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, x[xo + i]);
        }
        return largest + 0f;
    }

    @Override
    public float exp(int n, float[] x, int xo, float scale, float shift, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = FloatMath.exp(Math.fma(x[xo + i], scale, -shift));
        }
        return sum(n, y, yo);
    }

    @Override
    public void softmax(int rows, int n, float[] x, int xo, float[] y, int yo) {
        for (int row = 0; row < rows; row++) {
            int from = xo + row * n;
            int to = yo + row * n;
            float factor = 1 / exp(n, x, from, 1f, max(n, x, from), y, to);
            for (int i = to; i < to + n; i++) {
                y[i] *= factor;
            }
        }
    }

    @Override
    public void gelu(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = FloatMath.gelu(x[xo + i]);
        }
    }

    @Override
    public void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * FloatMath.geluSlope(x[xo + i]);
        }
    }

    @Override
    public void geluTanh(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float u = v * Math.fma(v * v, FloatMath.GELU_CUBIC, FloatMath.GELU_LINEAR);
            y[yo + i] = v / (1f + FloatMath.exp(-u));
        }
    }

    @Override
    public void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.max(x[xo + i], -FloatMath.GELU_LIMIT), FloatMath.GELU_LIMIT);
            float t = v * v;
            float u = v * Math.fma(t, FloatMath.GELU_CUBIC, FloatMath.GELU_LINEAR);
            float slope = Math.fma(t, 3f * FloatMath.GELU_CUBIC, FloatMath.GELU_LINEAR);
            float e = FloatMath.exp(-u);
            float s = 1f / (1f + e);
            dx[dxo + i] = dy[dyo + i] * (s * Math.fma(v * slope, e * s, 1f));
        }
    }

    @Override
    public void silu(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            y[yo + i] = v / (1f + FloatMath.exp(-v));
        }
    }

    @Override
    public void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        for (int i = 0; i < n; i++) {
            float v = Math.min(Math.max(x[xo + i], -FloatMath.SILU_LIMIT), FloatMath.SILU_LIMIT);
            float e = FloatMath.exp(-v);
            float s = 1f / (1f + e);
            dx[dxo + i] = dy[dyo + i] * (s * Math.fma(v, e * s, 1f));
        }
    }

    @Override
    public void tanh(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = FloatMath.tanh(x[xo + i]);
        }
    }

    @Override
    public void erf(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = FloatMath.erf(x[xo + i]);
        }
    }

    @Override
    public void log(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = FloatMath.log(x[xo + i]);
        }
    }

    @Override
    public void layerNorm(int n, float[] x, int xo, float[] gamma, int go, float[] beta, int bo, float eps, float[] y,
            int yo, float[] statistics, int so) {
        float mean = sum(n, x, xo) / n;
        float[] lanes = new float[LANES];
        for (int i = 0; i < n; i++) {
            float d = x[xo + i] - mean;
            lanes[i % LANES] = Math.fma(d, d, lanes[i % LANES]);
        }
        float inverse = (float) (1 / Math.sqrt(fold(lanes) / n + (double) eps));
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.fma((x[xo + i] - mean) * inverse, gamma[go + i], beta[bo + i]);
        }
        statistics[so] = mean;
        statistics[so + 1] = inverse;
    }

    @Override
    public void layerNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        normBackward(n, x, xo, gamma, go, statistics[so], statistics[so + 1], true, dy, dyo, dx, dxo);
    }

    @Override
    public void rmsNorm(int n, float[] x, int xo, float[] gamma, int go, float eps, float[] y, int yo,
            float[] statistics, int so) {
        float inverse = FloatMath.rsqrt(dot(n, x, xo, x, xo) / n + eps);
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] * inverse * gamma[go + i];
        }
        statistics[so] = inverse;
    }

    @Override
    public void rmsNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        normBackward(n, x, xo, gamma, go, 0f, statistics[so], false, dy, dyo, dx, dxo);
    }

    private static void normBackward(int n, float[] x, int xo, float[] gamma, int go, float mean, float inverse,
            boolean centred, float[] dy, int dyo, float[] dx, int dxo) {
        float[] sums = new float[LANES];
        float[] products = new float[LANES];
        for (int i = 0; i < n; i++) {
            float g = dy[dyo + i] * gamma[go + i];
            float normalised = (x[xo + i] - mean) * inverse;
            sums[i % LANES] += g;
            products[i % LANES] = Math.fma(g, normalised, products[i % LANES]);
        }
        float meanG = centred ? fold(sums) / n : 0f;
        float meanProduct = fold(products) / n;
        for (int i = 0; i < n; i++) {
            float g = dy[dyo + i] * gamma[go + i];
            float normalised = (x[xo + i] - mean) * inverse;
            dx[dxo + i] = inverse * Math.fma(-normalised, meanProduct, g - meanG);
        }
    }

    @Override
    public void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum) {
        ScalarAttention.softmax(keys, queries, s, scale, shift, sum);
    }

    @Override
    public void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse,
            float[] dp, float[] delta) {
        ScalarAttention.softmaxBackward(keys, queries, s, scale, shift, inverse, dp, delta);
    }

    @Override
    public void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        ScalarAttention.weightedSums(keys, queries, n, p, b, bo, ldb, c, co, ldc, accumulate);
    }

    @Override
    public void means(int rows, int n, float[] x, int xo, int ldx, float[] mean) {
        ScalarAttention.means(rows, n, x, xo, ldx, mean);
    }

    @Override
    public void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y) {
        ScalarAttention.subtract(rows, n, x, xo, ldx, mean, y);
    }

    @Override
    public void addRow(int rows, int n, float[] row, int ro, float[] x, int xo, int ldx) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < n; j++) {
                x[xo + i * ldx + j] += row[ro + j];
            }
        }
    }

    @Override
    public void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx) {
        ScalarAttention.multiplyRows(rows, n, factor, x, xo, ldx);
    }
}
