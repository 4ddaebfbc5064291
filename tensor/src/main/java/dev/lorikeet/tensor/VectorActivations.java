package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;
import static dev.lorikeet.tensor.VectorKernels.first;
import static dev.lorikeet.tensor.VectorKernels.load;

import jdk.incubator.vector.FloatVector;

/** Activations and their derivatives for {@link VectorKernels}; the formulas are in {@link Kernels}. */
final class VectorActivations {
    private static final FloatVector ONE = FloatVector.broadcast(S, 1f);
    private static final FloatVector INV_SQRT_TWO_PI = FloatVector.broadcast(S, FloatMath.INV_SQRT_TWO_PI);
    private static final FloatVector GELU_LINEAR = FloatVector.broadcast(S, FloatMath.GELU_LINEAR);
    private static final FloatVector GELU_CUBIC = FloatVector.broadcast(S, FloatMath.GELU_CUBIC);
    private static final FloatVector GELU_CUBIC_SLOPE = FloatVector.broadcast(S, 3f * FloatMath.GELU_CUBIC);
    private static final FloatVector GELU_LIMIT = FloatVector.broadcast(S, FloatMath.GELU_LIMIT);
    private static final FloatVector MINUS_GELU_LIMIT = FloatVector.broadcast(S, -FloatMath.GELU_LIMIT);
    private static final FloatVector SILU_LIMIT = FloatVector.broadcast(S, FloatMath.SILU_LIMIT);
    private static final FloatVector MINUS_SILU_LIMIT = FloatVector.broadcast(S, -FloatMath.SILU_LIMIT);

    private VectorActivations() {}

    static void gelu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            gelu(load(x, xo + i)).intoArray(y, yo + i);
        }
        if (i < n) {
            gelu(load(x, xo + i, n - i)).intoArray(y, yo + i, first(n - i));
        }
    }

    static void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            geluGradient(load(x, xo + i), load(dy, dyo + i)).intoArray(dx, dxo + i);
        }
        if (i < n) {
            geluGradient(load(x, xo + i, n - i), load(dy, dyo + i, n - i)).intoArray(dx, dxo + i, first(n - i));
        }
    }

    private static FloatVector gelu(FloatVector x) {
        return x.mul(VectorMath.normal(x, VectorMath.bell(x)));
    }

    private static FloatVector geluGradient(FloatVector x, FloatVector dy) {
        FloatVector bell = VectorMath.bell(x);
        return dy.mul(x.fma(bell.mul(INV_SQRT_TWO_PI), VectorMath.normal(x, bell)));
    }

    static void geluTanh(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            geluTanh(load(x, xo + i)).intoArray(y, yo + i);
        }
        if (i < n) {
            geluTanh(load(x, xo + i, n - i)).intoArray(y, yo + i, first(n - i));
        }
    }

    static void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            geluTanhGradient(load(x, xo + i), load(dy, dyo + i)).intoArray(dx, dxo + i);
        }
        if (i < n) {
            geluTanhGradient(load(x, xo + i, n - i), load(dy, dyo + i, n - i)).intoArray(dx, dxo + i, first(n - i));
        }
    }

    private static FloatVector geluTanh(FloatVector x) {
        FloatVector u = x.mul(x.mul(x).fma(GELU_CUBIC, GELU_LINEAR));
        return x.div(ONE.add(VectorMath.exp(u.neg())));
    }

    private static FloatVector geluTanhGradient(FloatVector x, FloatVector dy) {
        FloatVector c = x.max(MINUS_GELU_LIMIT).min(GELU_LIMIT);
        FloatVector t = c.mul(c);
        FloatVector u = c.mul(t.fma(GELU_CUBIC, GELU_LINEAR));
        FloatVector slope = t.fma(GELU_CUBIC_SLOPE, GELU_LINEAR);
        FloatVector e = VectorMath.exp(u.neg());
        FloatVector s = ONE.div(ONE.add(e));
        return dy.mul(s.mul(c.mul(slope).fma(e.mul(s), ONE)));
    }

    static void silu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            silu(load(x, xo + i)).intoArray(y, yo + i);
        }
        if (i < n) {
            silu(load(x, xo + i, n - i)).intoArray(y, yo + i, first(n - i));
        }
    }

    static void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            siluGradient(load(x, xo + i), load(dy, dyo + i)).intoArray(dx, dxo + i);
        }
        if (i < n) {
            siluGradient(load(x, xo + i, n - i), load(dy, dyo + i, n - i)).intoArray(dx, dxo + i, first(n - i));
        }
    }

    private static FloatVector silu(FloatVector x) {
        return x.div(ONE.add(VectorMath.exp(x.neg())));
    }

    private static FloatVector siluGradient(FloatVector x, FloatVector dy) {
        FloatVector c = x.max(MINUS_SILU_LIMIT).min(SILU_LIMIT);
        FloatVector e = VectorMath.exp(c.neg());
        FloatVector s = ONE.div(ONE.add(e));
        return dy.mul(s.mul(c.fma(e.mul(s), ONE)));
    }
}
