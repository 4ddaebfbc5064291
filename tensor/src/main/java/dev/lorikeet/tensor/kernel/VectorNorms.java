package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorKernels.first;
import static dev.lorikeet.tensor.kernel.VectorKernels.fold;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Rows of layer and RMS normalisation for {@link VectorKernels}; the formulas are in {@link Kernels}. */
final class VectorNorms {
    private static final int LANES = 16;
    private static final int PARTS = LANES / L;

    private VectorNorms() {}

    static void layerNorm(int n, float[] x, int xo, float[] gamma, int go, float[] beta, int bo, float eps, float[] y,
            int yo, float[] statistics, int so, float mean) {
        float inverse = (float) (1 / Math.sqrt(squaredDistances(n, x, xo, mean) / n + (double) eps));
        FloatVector means = FloatVector.broadcast(S, mean);
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i <= n - L; i += L) {
            fromArray(S, x, xo + i).sub(means).mul(inverses)
                    .fma(fromArray(S, gamma, go + i), fromArray(S, beta, bo + i)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = Math.fma((x[xo + i] - mean) * inverse, gamma[go + i], beta[bo + i]);
        }
        statistics[so] = mean;
        statistics[so + 1] = inverse;
    }

    private static float squaredDistances(int n, float[] x, int xo, float mean) {
        FloatVector means = FloatVector.broadcast(S, mean);
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector d = fromArray(S, x, xo + i).sub(means);
            s0 = d.fma(d, s0);
            if (PARTS > 1) {
                d = fromArray(S, x, xo + i + L).sub(means);
                s1 = d.fma(d, s1);
            }
            if (PARTS > 2) {
                d = fromArray(S, x, xo + i + 2 * L).sub(means);
                s2 = d.fma(d, s2);
                d = fromArray(S, x, xo + i + 3 * L).sub(means);
                s3 = d.fma(d, s3);
            }
        }
        if (i < n) {
            VectorMask<Float> mask = first(n - i);
            FloatVector d = fromArray(S, x, xo + i, mask).sub(means);
            s0 = s0.blend(d.fma(d, s0), mask);
            if (PARTS > 1) {
                mask = first(n - i - L);
                d = fromArray(S, x, xo + i + L, mask).sub(means);
                s1 = s1.blend(d.fma(d, s1), mask);
            }
            if (PARTS > 2) {
                mask = first(n - i - 2 * L);
                d = fromArray(S, x, xo + i + 2 * L, mask).sub(means);
                s2 = s2.blend(d.fma(d, s2), mask);
                mask = first(n - i - 3 * L);
                d = fromArray(S, x, xo + i + 3 * L, mask).sub(means);
                s3 = s3.blend(d.fma(d, s3), mask);
            }
        }
        return fold(s0, s1, s2, s3);
    }

    /** y = x·inverse·γ. */
    static void scale(int n, float[] x, int xo, float inverse, float[] gamma, int go, float[] y, int yo) {
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i <= n - L; i += L) {
            fromArray(S, x, xo + i).mul(inverses).mul(fromArray(S, gamma, go + i)).intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = x[xo + i] * inverse * gamma[go + i];
        }
    }

    /** Of both; what is not centred has a mean of 0, and takes no mean from its gradient. */
    static void backward(int n, float[] x, int xo, float[] gamma, int go, float mean, float inverse, boolean centred,
            float[] dy, int dyo, float[] dx, int dxo) {
        FloatVector means = FloatVector.broadcast(S, mean);
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector zero = FloatVector.zero(S);
        FloatVector g0 = zero;
        FloatVector g1 = zero;
        FloatVector g2 = zero;
        FloatVector g3 = zero;
        FloatVector p0 = zero;
        FloatVector p1 = zero;
        FloatVector p2 = zero;
        FloatVector p3 = zero;
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = fromArray(S, dy, dyo + i).mul(fromArray(S, gamma, go + i));
            g0 = g0.add(g);
            p0 = g.fma(fromArray(S, x, xo + i).sub(means).mul(inverses), p0);
            if (PARTS > 1) {
                int at = i + L;
                g = fromArray(S, dy, dyo + at).mul(fromArray(S, gamma, go + at));
                g1 = g1.add(g);
                p1 = g.fma(fromArray(S, x, xo + at).sub(means).mul(inverses), p1);
            }
            if (PARTS > 2) {
                int at = i + 2 * L;
                g = fromArray(S, dy, dyo + at).mul(fromArray(S, gamma, go + at));
                g2 = g2.add(g);
                p2 = g.fma(fromArray(S, x, xo + at).sub(means).mul(inverses), p2);
                at = i + 3 * L;
                g = fromArray(S, dy, dyo + at).mul(fromArray(S, gamma, go + at));
                g3 = g3.add(g);
                p3 = g.fma(fromArray(S, x, xo + at).sub(means).mul(inverses), p3);
            }
        }
        if (i < n) {
            // A lane past n has g = 0, which leaves the sums of g alone, but x̂ there may be infinite, and 0·∞ is NaN.
            VectorMask<Float> mask = first(n - i);
            FloatVector g = fromArray(S, dy, dyo + i, mask).mul(fromArray(S, gamma, go + i, mask));
            g0 = g0.add(g);
            p0 = p0.blend(g.fma(fromArray(S, x, xo + i, mask).sub(means).mul(inverses), p0), mask);
            if (PARTS > 1) {
                int at = i + L;
                mask = first(n - at);
                g = fromArray(S, dy, dyo + at, mask).mul(fromArray(S, gamma, go + at, mask));
                g1 = g1.add(g);
                p1 = p1.blend(g.fma(fromArray(S, x, xo + at, mask).sub(means).mul(inverses), p1), mask);
            }
            if (PARTS > 2) {
                int at = i + 2 * L;
                mask = first(n - at);
                g = fromArray(S, dy, dyo + at, mask).mul(fromArray(S, gamma, go + at, mask));
                g2 = g2.add(g);
                p2 = p2.blend(g.fma(fromArray(S, x, xo + at, mask).sub(means).mul(inverses), p2), mask);
                at = i + 3 * L;
                mask = first(n - at);
                g = fromArray(S, dy, dyo + at, mask).mul(fromArray(S, gamma, go + at, mask));
                g3 = g3.add(g);
                p3 = p3.blend(g.fma(fromArray(S, x, xo + at, mask).sub(means).mul(inverses), p3), mask);
            }
        }
        // Of both: a call that is made seldom is not inlined, and g0 would be an object for it.
        float sumG = fold(g0, g1, g2, g3);
        float meanG = centred ? sumG / n : 0f;
        float meanProduct = fold(p0, p1, p2, p3) / n;
        inputGradient(n, x, xo, gamma, go, mean, inverse, meanG, meanProduct, dy, dyo, dx, dxo);
    }

    private static void inputGradient(int n, float[] x, int xo, float[] gamma, int go, float mean, float inverse,
            float meanG, float meanProduct, float[] dy, int dyo, float[] dx, int dxo) {
        FloatVector means = FloatVector.broadcast(S, mean);
        FloatVector inverses = FloatVector.broadcast(S, inverse);
        FloatVector meanGs = FloatVector.broadcast(S, meanG);
        FloatVector meanProducts = FloatVector.broadcast(S, meanProduct);
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector g = fromArray(S, dy, dyo + i).mul(fromArray(S, gamma, go + i));
            FloatVector normalised = fromArray(S, x, xo + i).sub(means).mul(inverses);
            inverses.mul(normalised.neg().fma(meanProducts, g.sub(meanGs))).intoArray(dx, dxo + i);
        }
        for (; i < n; i++) {
            float g = dy[dyo + i] * gamma[go + i];
            float normalised = (x[xo + i] - mean) * inverse;
            dx[dxo + i] = inverse * Math.fma(-normalised, meanProduct, g - meanG);
        }
    }
}
