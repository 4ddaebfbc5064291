package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorKernels.SCALARS;
import static dev.lorikeet.tensor.kernel.VectorKernels.first;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Activations and their derivatives for {@link VectorKernels}; the formulas are in {@link Kernels}. Loops call the
 * functions of {@link VectorMath} themselves: in a method of one vector between them C2 may count such a call as
 * seldom, when most of the method's own were before it was profiled, and leave it a call, with objects for its vectors.
 */
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
            FloatVector v = fromArray(S, x, xo + i);
            FloatVector u = v
                    .mul(v.mul(v).fma(broadcast(S, FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR)));
            v.div(broadcast(S, 1f).add(VectorMath.exp(u.neg()))).intoArray(y, yo + i);
        }
        SCALARS.geluTanh(n - i, x, xo + i, y, yo + i);
    }

    static void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector c = VectorMath.atMost(
                    VectorMath.atLeast(fromArray(S, x, xo + i), broadcast(S, -FloatMath.GELU_LIMIT)),
                    broadcast(S, FloatMath.GELU_LIMIT));
            FloatVector t = c.mul(c);
            FloatVector u = c.mul(t.fma(broadcast(S, FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR)));
            FloatVector slope = t.fma(broadcast(S, 3f * FloatMath.GELU_CUBIC), broadcast(S, FloatMath.GELU_LINEAR));
            FloatVector e = VectorMath.expWithin(u.neg());
            FloatVector s = broadcast(S, 1f).div(broadcast(S, 1f).add(e));
            FloatVector all = s.mul(c.mul(slope).fma(e.mul(s), broadcast(S, 1f)));
            fromArray(S, dy, dyo + i).mul(all).intoArray(dx, dxo + i);
        }
        SCALARS.geluTanhBackward(n - i, x, xo + i, dy, dyo + i, dx, dxo + i);
    }

    static void silu(int n, float[] x, int xo, float[] y, int yo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = fromArray(S, x, xo + i);
            v.div(broadcast(S, 1f).add(VectorMath.exp(v.neg()))).intoArray(y, yo + i);
        }
        SCALARS.silu(n - i, x, xo + i, y, yo + i);
    }

    static void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector c = VectorMath.atMost(
                    VectorMath.atLeast(fromArray(S, x, xo + i), broadcast(S, -FloatMath.SILU_LIMIT)),
                    broadcast(S, FloatMath.SILU_LIMIT));
            FloatVector e = VectorMath.expWithin(c.neg());
            FloatVector s = broadcast(S, 1f).div(broadcast(S, 1f).add(e));
            fromArray(S, dy, dyo + i).mul(s.mul(c.fma(e.mul(s), broadcast(S, 1f)))).intoArray(dx, dxo + i);
        }
        SCALARS.siluBackward(n - i, x, xo + i, dy, dyo + i, dx, dxo + i);
    }
}
