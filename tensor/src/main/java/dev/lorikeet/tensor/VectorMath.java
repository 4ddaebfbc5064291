package dev.lorikeet.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link FloatMath} on vectors: the same steps in the same order, hence the same bits. */
final class VectorMath {
    private VectorMath() {}

    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(FloatMath.EXP_LOW).min(FloatMath.EXP_HIGH);
        FloatVector shifted = clamped.fma(constant(FloatMath.LOG2_E), constant(FloatMath.ROUNDER));
        FloatVector n = shifted.sub(FloatMath.ROUNDER);
        FloatVector r = n.fma(constant(-FloatMath.LN2_HIGH), clamped);
        r = n.fma(constant(-FloatMath.LN2_LOW), r);
        FloatVector p = constant(FloatMath.E6).fma(r, constant(FloatMath.E5));
        p = p.fma(r, constant(FloatMath.E4));
        p = p.fma(r, constant(FloatMath.E3));
        p = p.fma(r, constant(FloatMath.E2));
        p = p.fma(r, constant(1f));
        p = p.fma(r, constant(1f));
        FloatVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23)
                .reinterpretAsFloats();
        return p.mul(power).blend(0f, x.compare(VectorOperators.LT, FloatMath.EXP_LOW));
    }

    static FloatVector erf(FloatVector x) {
        FloatVector c = x.max(-FloatMath.ERF_LIMIT).min(FloatMath.ERF_LIMIT);
        FloatVector t = c.mul(c);
        FloatVector p = constant(FloatMath.ERF_P5).fma(t, constant(FloatMath.ERF_P4));
        p = p.fma(t, constant(FloatMath.ERF_P3));
        p = p.fma(t, constant(FloatMath.ERF_P2));
        p = p.fma(t, constant(FloatMath.ERF_P1));
        p = p.fma(t, constant(FloatMath.ERF_P0));
        FloatVector q = constant(FloatMath.ERF_Q5).fma(t, constant(FloatMath.ERF_Q4));
        q = q.fma(t, constant(FloatMath.ERF_Q3));
        q = q.fma(t, constant(FloatMath.ERF_Q2));
        q = q.fma(t, constant(FloatMath.ERF_Q1));
        q = q.fma(t, constant(1f));
        return c.mul(p).div(q);
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector c = x.max(-FloatMath.TANH_LIMIT).min(FloatMath.TANH_LIMIT);
        FloatVector t = c.mul(c);
        FloatVector p = constant(FloatMath.TANH_P5).fma(t, constant(FloatMath.TANH_P4));
        p = p.fma(t, constant(FloatMath.TANH_P3));
        p = p.fma(t, constant(FloatMath.TANH_P2));
        p = p.fma(t, constant(FloatMath.TANH_P1));
        p = p.fma(t, constant(1f));
        FloatVector q = constant(FloatMath.TANH_Q4).fma(t, constant(FloatMath.TANH_Q3));
        q = q.fma(t, constant(FloatMath.TANH_Q2));
        q = q.fma(t, constant(FloatMath.TANH_Q1));
        q = q.fma(t, constant(1f));
        return c.mul(p).div(q);
    }

    static FloatVector normal(FloatVector x) {
        return erf(x.mul(FloatMath.SQRT_HALF)).fma(constant(0.5f), constant(0.5f));
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(VectorKernels.S, value);
    }
}
