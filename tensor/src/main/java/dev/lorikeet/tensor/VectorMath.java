package dev.lorikeet.tensor;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link FloatMath} on vectors: the same steps in the same order, hence the same bits. */
final class VectorMath {
    private static final FloatVector LOG2_E = broadcast(FloatMath.LOG2_E);
    private static final FloatVector ROUNDER = broadcast(FloatMath.ROUNDER);
    private static final FloatVector MINUS_LN2_HIGH = broadcast(-FloatMath.LN2_HIGH);
    private static final FloatVector MINUS_LN2_LOW = broadcast(-FloatMath.LN2_LOW);
    private static final FloatVector E6 = broadcast(FloatMath.E6);
    private static final FloatVector E5 = broadcast(FloatMath.E5);
    private static final FloatVector E4 = broadcast(FloatMath.E4);
    private static final FloatVector E3 = broadcast(FloatMath.E3);
    private static final FloatVector E2 = broadcast(FloatMath.E2);
    private static final FloatVector ONE = broadcast(1f);
    private static final FloatVector ERF_P5 = broadcast(FloatMath.ERF_P5);
    private static final FloatVector ERF_P4 = broadcast(FloatMath.ERF_P4);
    private static final FloatVector ERF_P3 = broadcast(FloatMath.ERF_P3);
    private static final FloatVector ERF_P2 = broadcast(FloatMath.ERF_P2);
    private static final FloatVector ERF_P1 = broadcast(FloatMath.ERF_P1);
    private static final FloatVector ERF_P0 = broadcast(FloatMath.ERF_P0);
    private static final FloatVector ERF_Q5 = broadcast(FloatMath.ERF_Q5);
    private static final FloatVector ERF_Q4 = broadcast(FloatMath.ERF_Q4);
    private static final FloatVector ERF_Q3 = broadcast(FloatMath.ERF_Q3);
    private static final FloatVector ERF_Q2 = broadcast(FloatMath.ERF_Q2);
    private static final FloatVector ERF_Q1 = broadcast(FloatMath.ERF_Q1);
    private static final FloatVector TANH_P5 = broadcast(FloatMath.TANH_P5);
    private static final FloatVector TANH_P4 = broadcast(FloatMath.TANH_P4);
    private static final FloatVector TANH_P3 = broadcast(FloatMath.TANH_P3);
    private static final FloatVector TANH_P2 = broadcast(FloatMath.TANH_P2);
    private static final FloatVector TANH_P1 = broadcast(FloatMath.TANH_P1);
    private static final FloatVector TANH_Q4 = broadcast(FloatMath.TANH_Q4);
    private static final FloatVector TANH_Q3 = broadcast(FloatMath.TANH_Q3);
    private static final FloatVector TANH_Q2 = broadcast(FloatMath.TANH_Q2);
    private static final FloatVector TANH_Q1 = broadcast(FloatMath.TANH_Q1);
    private static final FloatVector MINUS_HALF = broadcast(-0.5f);
    private static final FloatVector INV_SQRT_TWO_PI = broadcast(FloatMath.INV_SQRT_TWO_PI);
    private static final FloatVector HALF = broadcast(0.5f);
    private static final FloatVector EXP_LOW = broadcast(FloatMath.EXP_LOW);
    private static final FloatVector EXP_HIGH = broadcast(FloatMath.EXP_HIGH);
    private static final FloatVector MINUS_ERF_LIMIT = broadcast(-FloatMath.ERF_LIMIT);
    private static final FloatVector ERF_LIMIT = broadcast(FloatMath.ERF_LIMIT);
    private static final FloatVector MINUS_TANH_LIMIT = broadcast(-FloatMath.TANH_LIMIT);
    private static final FloatVector TANH_LIMIT = broadcast(FloatMath.TANH_LIMIT);
    private static final FloatVector SQRT_HALF = broadcast(FloatMath.SQRT_HALF);

    private VectorMath() {}

    /** Constants are made once: a broadcast at each use would go past what C2 inlines into one loop. */
    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(VectorKernels.S, value);
    }

    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(EXP_LOW).min(EXP_HIGH);
        FloatVector shifted = clamped.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, clamped);
        r = n.fma(MINUS_LN2_LOW, r);
        FloatVector p = E6.fma(r, E5);
        p = p.fma(r, E4);
        p = p.fma(r, E3);
        p = p.fma(r, E2);
        p = p.fma(r, ONE);
        p = p.fma(r, ONE);
        FloatVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(127 << 23)
                .reinterpretAsFloats();
        return p.mul(power).blend(0f, x.compare(VectorOperators.LT, FloatMath.EXP_LOW));
    }

    static FloatVector erf(FloatVector x) {
        FloatVector c = x.max(MINUS_ERF_LIMIT).min(ERF_LIMIT);
        FloatVector t = c.mul(c);
        FloatVector p = ERF_P5.fma(t, ERF_P4);
        p = p.fma(t, ERF_P3);
        p = p.fma(t, ERF_P2);
        p = p.fma(t, ERF_P1);
        p = p.fma(t, ERF_P0);
        FloatVector q = ERF_Q5.fma(t, ERF_Q4);
        q = q.fma(t, ERF_Q3);
        q = q.fma(t, ERF_Q2);
        q = q.fma(t, ERF_Q1);
        q = q.fma(t, ONE);
        return c.mul(p).div(q);
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector c = x.max(MINUS_TANH_LIMIT).min(TANH_LIMIT);
        FloatVector t = c.mul(c);
        FloatVector p = TANH_P5.fma(t, TANH_P4);
        p = p.fma(t, TANH_P3);
        p = p.fma(t, TANH_P2);
        p = p.fma(t, TANH_P1);
        p = p.fma(t, ONE);
        FloatVector q = TANH_Q4.fma(t, TANH_Q3);
        q = q.fma(t, TANH_Q2);
        q = q.fma(t, TANH_Q1);
        q = q.fma(t, ONE);
        return c.mul(p).div(q);
    }

    /** φ(x) of the normal distribution. */
    static FloatVector density(FloatVector x) {
        return exp(x.mul(x).mul(MINUS_HALF)).mul(INV_SQRT_TWO_PI);
    }

    /** Φ(x) of the normal distribution. */
    static FloatVector normal(FloatVector x) {
        return erf(x.mul(SQRT_HALF)).fma(HALF, HALF);
    }
}
