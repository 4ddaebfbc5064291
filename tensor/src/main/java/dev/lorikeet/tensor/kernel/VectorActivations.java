package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorKernels.SCALARS;
import static dev.lorikeet.tensor.kernel.VectorKernels.first;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_0;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_1;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_10;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_2;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_3;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_4;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_5;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_6;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_7;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_8;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_9;
import static dev.lorikeet.tensor.kernel.VectorMath.GELU_END;
import static dev.lorikeet.tensor.kernel.VectorMath.MINUS_GELU_END;
import static dev.lorikeet.tensor.kernel.VectorMath.ZERO;
import static dev.lorikeet.tensor.kernel.VectorMath.atLeast;
import static dev.lorikeet.tensor.kernel.VectorMath.negative;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Activations and their derivatives for {@link VectorKernels}; the formulas are in {@link Kernels}. */
final class VectorActivations {
    private static final FloatVector ONE = FloatVector.broadcast(S, 1f);
    private static final FloatVector GELU_LINEAR = FloatVector.broadcast(S, FloatMath.GELU_LINEAR);
    private static final FloatVector GELU_CUBIC = FloatVector.broadcast(S, FloatMath.GELU_CUBIC);
    private static final FloatVector GELU_CUBIC_SLOPE = FloatVector.broadcast(S, 3f * FloatMath.GELU_CUBIC);
    private static final FloatVector GELU_LIMIT = FloatVector.broadcast(S, FloatMath.GELU_LIMIT);
    private static final FloatVector MINUS_GELU_LIMIT = FloatVector.broadcast(S, -FloatMath.GELU_LIMIT);
    private static final FloatVector SILU_LIMIT = FloatVector.broadcast(S, FloatMath.SILU_LIMIT);
    private static final FloatVector MINUS_SILU_LIMIT = FloatVector.broadcast(S, -FloatMath.SILU_LIMIT);

    private VectorActivations() {}

    /** x = factor·x. */
    static void multiply(int n, float[] x, int xo, float factor) {
        FloatVector factors = FloatVector.broadcast(S, factor);
        int i = 0;
        for (; i <= n - L; i += L) {
            fromArray(S, x, xo + i).mul(factors).intoArray(x, xo + i);
        }
        if (i < n) {
            VectorMask<Float> mask = first(n - i);
            fromArray(S, x, xo + i, mask).mul(factors).intoArray(x, xo + i, mask);
        }
    }

    /**
     * {@link ScalarKernels#gelu} written out for two vectors: C2 loads the coefficients of each round anew, and a
     * method as large as this is compiled by itself, where no caller's loop takes its registers.
     */
    static void gelu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            FloatVector x0 = fromArray(S, x, xo + i);
            FloatVector x1 = fromArray(S, x, xo + i + L);
            FloatVector n0 = atLeast(negative(x0), MINUS_GELU_END);
            FloatVector n1 = atLeast(negative(x1), MINUS_GELU_END);
            FloatVector r0 = GELU_10.fma(n0, GELU_9);
            FloatVector r1 = GELU_10.fma(n1, GELU_9);
            r0 = r0.fma(n0, GELU_8);
            r1 = r1.fma(n1, GELU_8);
            r0 = r0.fma(n0, GELU_7);
            r1 = r1.fma(n1, GELU_7);
            r0 = r0.fma(n0, GELU_6);
            r1 = r1.fma(n1, GELU_6);
            r0 = r0.fma(n0, GELU_5);
            r1 = r1.fma(n1, GELU_5);
            r0 = r0.fma(n0, GELU_4);
            r1 = r1.fma(n1, GELU_4);
            r0 = r0.fma(n0, GELU_3);
            r1 = r1.fma(n1, GELU_3);
            r0 = r0.fma(n0, GELU_2);
            r1 = r1.fma(n1, GELU_2);
            r0 = r0.fma(n0, GELU_1);
            r1 = r1.fma(n1, GELU_1);
            r0 = r0.fma(n0, GELU_0);
            r1 = r1.fma(n1, GELU_0);
            r0 = r0.mul(n0.add(GELU_END));
            r1 = r1.mul(n1.add(GELU_END));
            r0 = r0.mul(r0);
            r1 = r1.mul(r1);
            n0.fma(r0.mul(r0), atLeast(x0, ZERO)).intoArray(y, yo + i);
            n1.fma(r1.mul(r1), atLeast(x1, ZERO)).intoArray(y, yo + i + L);
        }
        SCALARS.gelu(n - i, x, xo + i, y, yo + i);
    }

    /** Two vectors again, but by calls: written out, they are one too many for C2. */
    static void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            FloatVector dx0 = fromArray(S, dy, dyo + i).mul(VectorMath.geluSlope(fromArray(S, x, xo + i)));
            FloatVector dx1 = fromArray(S, dy, dyo + i + L).mul(VectorMath.geluSlope(fromArray(S, x, xo + i + L)));
            dx0.intoArray(dx, dxo + i);
            dx1.intoArray(dx, dxo + i + L);
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
        FloatVector u = x.mul(x.mul(x).fma(GELU_CUBIC, GELU_LINEAR));
        return x.div(ONE.add(VectorMath.exp(u.neg())));
    }

    private static FloatVector geluTanhGradient(FloatVector x, FloatVector dy) {
        FloatVector c = VectorMath.atMost(VectorMath.atLeast(x, MINUS_GELU_LIMIT), GELU_LIMIT);
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
        return x.div(ONE.add(VectorMath.exp(x.neg())));
    }

    private static FloatVector siluGradient(FloatVector x, FloatVector dy) {
        FloatVector c = VectorMath.atMost(VectorMath.atLeast(x, MINUS_SILU_LIMIT), SILU_LIMIT);
        FloatVector e = VectorMath.exp(c.neg());
        FloatVector s = ONE.div(ONE.add(e));
        return dy.mul(s.mul(c.fma(e.mul(s), ONE)));
    }
}
