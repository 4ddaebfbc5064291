package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorKernels.SCALARS;
import static dev.lorikeet.tensor.kernel.VectorKernels.first;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Activations and their derivatives for {@link VectorKernels}; the formulas are in {@link Kernels}. */
final class VectorActivations {

    private VectorActivations() {}

    /** x = factor·x. */
    static void multiply(int n, float[] x, int xo, float factor) {
        FloatVector factors = broadcast(S, factor);
        int i = 0;
        for (; i <= n - L; i += L) {
            fromArray(S, x, xo + i).mul(factors).intoArray(x, xo + i);
        }
        if (i < n) {
            VectorMask<Float> mask = first(n - i);
            fromArray(S, x, xo + i, mask).mul(factors).intoArray(x, xo + i, mask);
        }
    }

    static void gelu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            VectorMath.gelu(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.gelu(n - i, x, xo + i, y, yo + i);
    }

    static void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector slope = VectorMath.geluSlope(fromArray(S, x, xo + i));
            fromArray(S, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        SCALARS.geluBackward(n - i, x, xo + i, dy, dyo + i, dx, dxo + i);
    }

    static void geluTanh(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            geluTanh(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.geluTanh(n - i, x, xo + i, y, yo + i);
    }

    static void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            geluTanhGradient(fromArray(S, x, xo + i), fromArray(S, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        SCALARS.geluTanhBackward(n - i, x, xo + i, dy, dyo + i, dx, dxo + i);
    }

    private static FloatVector geluTanh(FloatVector x) {
        FloatVector u = x.mul(x.mul(x).fma(broadcast(S, FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR)));
        return x.div(broadcast(S, 1f).add(VectorMath.exp(u.neg())));
    }

    private static FloatVector geluTanhGradient(FloatVector x, FloatVector dy) {
        FloatVector c = VectorMath.atMost(VectorMath.atLeast(x, broadcast(S, -FloatMath.GELU_LIMIT)),
                broadcast(S, FloatMath.GELU_LIMIT));
        FloatVector t = c.mul(c);
        FloatVector u = c.mul(t.fma(broadcast(S, FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR)));
        FloatVector slope = t.fma(broadcast(S, 3f * FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR));
        FloatVector e = VectorMath.expWithin(u.neg());
        FloatVector s = broadcast(S, 1f).div(broadcast(S, 1f).add(e));
        return dy.mul(s.mul(c.mul(slope).fma(e.mul(s), broadcast(S, 1f))));
    }

    static void silu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            silu(fromArray(S, x, xo + i)).intoArray(y, yo + i);
        }
        SCALARS.silu(n - i, x, xo + i, y, yo + i);
    }

    static void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            siluGradient(fromArray(S, x, xo + i), fromArray(S, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        SCALARS.siluBackward(n - i, x, xo + i, dy, dyo + i, dx, dxo + i);
    }

    private static FloatVector silu(FloatVector x) {
        return x.div(broadcast(S, 1f).add(VectorMath.exp(x.neg())));
    }

    private static FloatVector siluGradient(FloatVector x, FloatVector dy) {
        FloatVector c = VectorMath.atMost(VectorMath.atLeast(x, broadcast(S, -FloatMath.SILU_LIMIT)),
                broadcast(S, FloatMath.SILU_LIMIT));
        FloatVector e = VectorMath.expWithin(c.neg());
        FloatVector s = broadcast(S, 1f).div(broadcast(S, 1f).add(e));
        return dy.mul(s.mul(c.fma(e.mul(s), broadcast(S, 1f))));
    }
}
