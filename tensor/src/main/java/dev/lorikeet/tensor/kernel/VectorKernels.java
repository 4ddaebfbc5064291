package dev.lorikeet.tensor.kernel;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Kernels} on the JDK Vector API. The width is a constant of the class, as C2 needs it: it is taken from
 * {@link KernelChoice} when the class is loaded.
 *
 * <p>The 16 logical lanes of a sum are one 512-bit accumulator, two of 256 or four of 128 bits: the branches on
 * {@code L} are constants and fold away.
 *
 * <p>All vectors in the JVM are of this one species. The methods of FloatVector, which every kernel calls, call one
 * another by profiles of the types that they have seen, whoever called them. Once a second width has gone through them,
 * C2 compiles both ways into each kernel, and in about one JVM of four it then kept objects of some vectors.
 */
public final class VectorKernels implements Kernels {
    static final VectorSpecies<Float> S = KernelChoice.species();
    static final int L = S.length();
    private static final int LANES = 16;
    /** For the rest of a row behind its last whole vector. */
    static final ScalarKernels SCALARS = new ScalarKernels();
    private static final Decoding DECODING = new VectorDecodedRows();
    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);
    /** Masks of the first 0 … L lanes, made once: one made at each use may be an object on the heap. */
    private static final VectorMask<Float>[] FIRST = masks();

    @Override
    public String name() {
        return "vector " + S.vectorBitSize();
    }

    @Override
    public int panelWidth() {
        return VectorMatmul.PANEL;
    }

    @Override
    public int panelWidth(int columns) {
        return Math.min(Math.ceilDiv(columns, L) * L, VectorMatmul.PANEL);
    }

    @Override
    public void matmul(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        VectorMatmul.multiply(m, n, k, a, ao, lda, step, b, bo, ldb, c, co, ldc, accumulate);
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        VectorTranspose.transpose(rows, columns, x, xo, ldx, y, yo, ldy);
    }

    @Override
    public Decoding decoding() {
        return DECODING;
    }

    @Override
    public float sum(int n, float[] x, int xo) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            s0 = s0.add(fromArray(S, x, xo + i));
            if (L < 16) {
                s1 = s1.add(fromArray(S, x, xo + i + L));
            }
            if (L < 8) {
                s2 = s2.add(fromArray(S, x, xo + i + 2 * L));
                s3 = s3.add(fromArray(S, x, xo + i + 3 * L));
            }
        }
        if (i < n) {
            s0 = s0.add(fromArray(S, x, xo + i, first(n - i)));
            if (L < 16) {
                s1 = s1.add(fromArray(S, x, xo + i + L, first(n - i - L)));
            }
            if (L < 8) {
                s2 = s2.add(fromArray(S, x, xo + i + 2 * L, first(n - i - 2 * L)));
                s3 = s3.add(fromArray(S, x, xo + i + 3 * L, first(n - i - 3 * L)));
            }
        }
        return fold(s0, s1, s2, s3);
    }

    @Override
    public float dot(int n, float[] x, int xo, float[] y, int yo) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            s0 = fromArray(S, x, xo + i).fma(fromArray(S, y, yo + i), s0);
            if (L < 16) {
                s1 = fromArray(S, x, xo + i + L).fma(fromArray(S, y, yo + i + L), s1);
            }
            if (L < 8) {
                s2 = fromArray(S, x, xo + i + 2 * L).fma(fromArray(S, y, yo + i + 2 * L), s2);
                s3 = fromArray(S, x, xo + i + 3 * L).fma(fromArray(S, y, yo + i + 3 * L), s3);
            }
        }
        if (i < n) {
            VectorMask<Float> mask = first(n - i);
            s0 = s0.blend(fromArray(S, x, xo + i, mask).fma(fromArray(S, y, yo + i, mask), s0), mask);
            if (L < 16) {
                mask = first(n - i - L);
                s1 = s1.blend(fromArray(S, x, xo + i + L, mask).fma(fromArray(S, y, yo + i + L, mask), s1), mask);
            }
            if (L < 8) {
                mask = first(n - i - 2 * L);
                s2 = s2.blend(fromArray(S, x, xo + i + 2 * L, mask).fma(fromArray(S, y, yo + i + 2 * L, mask), s2),
                        mask);
                mask = first(n - i - 3 * L);
                s3 = s3.blend(fromArray(S, x, xo + i + 3 * L, mask).fma(fromArray(S, y, yo + i + 3 * L, mask), s3),
                        mask);
            }
        }
        return fold(s0, s1, s2, s3);
    }

    @Override
    public float max(int n, float[] x, int xo) {
        FloatVector largest = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= n - L; i += L) {
            largest = VectorMath.atLeast(fromArray(S, x, xo + i), largest);
        }
        float result = largest.reduceLanes(VectorOperators.MAX); // exact in any order
        for (; i < n; i++) {
            result = Math.max(result, x[xo + i]);
        }
        return result + 0f; // no -0
    }

    @Override
    public float exp(int n, float[] x, int xo, float scale, float shift, float[] y, int yo) {
        FloatVector scales = FloatVector.broadcast(S, scale);
        FloatVector shifts = FloatVector.broadcast(S, -shift);
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorMath.exp(fromArray(S, x, xo + i).fma(scales, shifts)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = FloatMath.exp(Math.fma(x[xo + i], scale, -shift));
        }
        return sum(n, y, yo);
    }

    @Override
    public void softmax(int rows, int n, float[] x, int xo, float[] y, int yo) {
        for (int row = 0; row < rows; row++) {
            int from = xo + row * n;
            int to = yo + row * n;
            VectorActivations.multiply(n, y, to, 1 / exp(n, x, from, 1f, max(n, x, from), y, to));
        }
    }

    @Override
    public void gelu(int n, float[] x, int xo, float[] y, int yo) {
        VectorActivations.gelu(n, x, xo, y, yo);
    }

    @Override
    public void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        VectorActivations.geluBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void geluTanh(int n, float[] x, int xo, float[] y, int yo) {
        VectorActivations.geluTanh(n, x, xo, y, yo);
    }

    @Override
    public void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        VectorActivations.geluTanhBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void silu(int n, float[] x, int xo, float[] y, int yo) {
        VectorActivations.silu(n, x, xo, y, yo);
    }

    @Override
    public void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        VectorActivations.siluBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void tanh(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorMath.tanh(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.tanh(n - i, x, xo + i, y, yo + i);
    }

    @Override
    public void erf(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorMath.erf(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.erf(n - i, x, xo + i, y, yo + i);
    }

    @Override
    public void log(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorMath.log(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.log(n - i, x, xo + i, y, yo + i);
    }

    @Override
    public void layerNorm(int n, float[] x, int xo, float[] gamma, int go, float[] beta, int bo, float eps, float[] y,
            int yo, float[] statistics, int so) {
        VectorNorms.layerNorm(n, x, xo, gamma, go, beta, bo, eps, y, yo, statistics, so, sum(n, x, xo) / n);
    }

    @Override
    public void layerNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        VectorNorms.backward(n, x, xo, gamma, go, statistics[so], statistics[so + 1], true, dy, dyo, dx, dxo);
    }

    @Override
    public void rmsNorm(int n, float[] x, int xo, float[] gamma, int go, float eps, float[] y, int yo,
            float[] statistics, int so) {
        float inverse = FloatMath.rsqrt(dot(n, x, xo, x, xo) / n + eps);
        VectorNorms.scale(n, x, xo, inverse, gamma, go, y, yo);
        statistics[so] = inverse;
    }

    @Override
    public void rmsNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        VectorNorms.backward(n, x, xo, gamma, go, 0f, statistics[so], false, dy, dyo, dx, dxo);
    }

    @Override
    public void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum) {
        VectorAttention.softmax(keys, queries, s, scale, shift, sum);
    }

    @Override
    public void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse,
            float[] dp, float[] delta) {
        VectorAttention.softmaxBackward(keys, queries, s, scale, shift, inverse, dp, delta);
    }

    @Override
    public void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        VectorAttention.weightedSums(keys, queries, n, p, b, bo, ldb, c, co, ldc, accumulate);
    }

    @Override
    public void means(int rows, int n, float[] x, int xo, int ldx, float[] mean) {
        VectorAttention.means(rows, n, x, xo, ldx, mean);
    }

    @Override
    public void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y) {
        VectorAttention.subtract(rows, n, x, xo, ldx, mean, y);
    }

    @Override
    public void addRow(int rows, int n, float[] row, int ro, float[] x, int xo, int ldx) {
        VectorRows.add(rows, n, row, ro, x, xo, ldx);
    }

    @Override
    public void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx) {
        VectorAttention.multiplyRows(rows, n, factor, x, xo, ldx);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorMask<Float>[] masks() {
        VectorMask<Float>[] masks = new VectorMask[L + 1];
        for (int count = 0; count <= L; count++) {
            masks[count] = S.indexInRange(0, count);
        }
        return masks;
    }

    private static VectorShuffle<Float> rotation(int lanes) {
        return VectorShuffle.fromOp(S, lane -> (lane + lanes) % L);
    }

    /** The first {@code count} lanes, or all where there are fewer, or none where {@code count} ≤ 0. */
    static VectorMask<Float> first(int count) {
        return FIRST[Math.clamp(count, 0, L)];
    }

    /** The fixed tree over 16 lanes that lie in one, two or four vectors. */
    static float fold(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        FloatVector t = L == 16 ? s0.add(s0.rearrange(BY_8)) : L == 8 ? s0.add(s1) : s0.add(s2);
        t = L < 8 ? t.add(s1.add(s3)) : t.add(t.rearrange(BY_4));
        t = t.add(t.rearrange(BY_2));
        return t.add(t.rearrange(BY_1)).lane(0);
    }
}
