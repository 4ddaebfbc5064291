package dev.lorikeet.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link FloatMath} on vectors: the same steps in the same order, hence the same bits. */
final class VectorMath {
    // Erf has too many constants for what C2 inlines: these are loaded.
    private static final FloatVector LOG2_E = broadcast(FloatMath.LOG2_E);
    private static final FloatVector ROUNDER = broadcast(FloatMath.ROUNDER);
    private static final FloatVector MINUS_LN2_HIGH = broadcast(-FloatMath.LN2_HIGH);
    private static final FloatVector MINUS_LN2_LOW = broadcast(-FloatMath.LN2_LOW);
    private static final FloatVector E6 = broadcast(FloatMath.E6);
    private static final FloatVector E5 = broadcast(FloatMath.E5);
    private static final FloatVector E4 = broadcast(FloatMath.E4);
    private static final FloatVector E3 = broadcast(FloatMath.E3);
    private static final FloatVector HALF = broadcast(0.5f);
    private static final FloatVector ERF_P6 = broadcast(FloatMath.ERF_P6);
    private static final FloatVector ERF_P5 = broadcast(FloatMath.ERF_P5);
    private static final FloatVector ERF_P4 = broadcast(FloatMath.ERF_P4);
    private static final FloatVector ERF_P3 = broadcast(FloatMath.ERF_P3);
    private static final FloatVector ERF_P2 = broadcast(FloatMath.ERF_P2);
    private static final FloatVector ERF_P1 = broadcast(FloatMath.ERF_P1);
    private static final FloatVector ERF_P0 = broadcast(FloatMath.ERF_P0);
    private static final FloatVector ERF_R6 = broadcast(FloatMath.ERF_R6);
    private static final FloatVector ERF_R5 = broadcast(FloatMath.ERF_R5);
    private static final FloatVector ERF_R4 = broadcast(FloatMath.ERF_R4);
    private static final FloatVector ERF_R3 = broadcast(FloatMath.ERF_R3);
    private static final FloatVector ERF_R2 = broadcast(FloatMath.ERF_R2);
    private static final FloatVector ERF_R1 = broadcast(FloatMath.ERF_R1);
    private static final FloatVector ERF_R0 = broadcast(FloatMath.ERF_R0);
    private static final FloatVector ERF_LIMIT = broadcast(FloatMath.ERF_LIMIT);
    private static final FloatVector ERF_SPLIT = broadcast(FloatMath.ERF_SPLIT);
    private static final FloatVector ONE = broadcast(1f);
    private static final IntVector SIGN = integers(1 << 31);
    private static final IntVector BIAS = integers(127 << 23);
    private static final IntVector BIAS_OF_HALF = integers(126 << 23);
    private static final IntVector LOG_LEAST = integers(FloatMath.LOG_LEAST);
    private static final IntVector SIGNIFICAND = integers(FloatMath.SIGNIFICAND);
    private static final IntVector ROUNDER_BITS = integers(Float.floatToRawIntBits(FloatMath.ROUNDER));

    private VectorMath() {}

    /**
     * A constant, which C2 takes out of the loop it is used in and keeps in a register; a static vector would be loaded
     * in each round, since what the round writes may be its elements. C2 inlines only so much into one loop
     * (NodeCountInliningCutoff): where these are too many for it, all vectors of the loop become objects.
     */
    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(VectorKernels.S, value);
    }

    private static IntVector integers(int value) {
        return FloatVector.zero(VectorKernels.S).reinterpretAsInts().broadcast(value);
    }

    static FloatVector exp(FloatVector x) {
        FloatVector y = expOfNegative(x);
        return y.blend(broadcast(Float.POSITIVE_INFINITY),
                x.compare(VectorOperators.GT, broadcast(FloatMath.EXP_HIGH)));
    }

    /** {@link #exp} of x ≤ {@link FloatMath#EXP_HIGH}. */
    static FloatVector expOfNegative(FloatVector x) {
        return expWithin(x).blend(broadcast(0f), x.compare(VectorOperators.LT, broadcast(FloatMath.EXP_LOW)));
    }

    /** {@link #exp} of {@link FloatMath#EXP_LOW} ≤ x ≤ {@link FloatMath#EXP_HIGH}. */
    private static FloatVector expWithin(FloatVector x) {
        FloatVector shifted = x.fma(broadcast(FloatMath.LOG2_E), broadcast(FloatMath.ROUNDER));
        FloatVector r = remainder(x, shifted);
        FloatVector one = broadcast(1f);
        FloatVector p = series(r).fma(r, one).fma(r, one);
        p = p.mul(power(shifted, BIAS_OF_HALF));
        return p.add(p);
    }

    /** The lesser of the two, NaN where x is: {@code x.min(limit)} takes three times as many instructions. */
    static FloatVector atMost(FloatVector x, FloatVector limit) {
        return x.blend(limit, x.compare(VectorOperators.GT, limit));
    }

    /** The greater of the two, NaN where x is. */
    static FloatVector atLeast(FloatVector x, FloatVector limit) {
        return x.blend(limit, x.compare(VectorOperators.LT, limit));
    }

    private static FloatVector remainder(FloatVector x, FloatVector shifted) {
        FloatVector n = shifted.sub(broadcast(FloatMath.ROUNDER));
        return n.fma(broadcast(-FloatMath.LN2_LOW), n.fma(broadcast(-FloatMath.LN2_HIGH), x));
    }

    private static FloatVector series(FloatVector r) {
        FloatVector p = broadcast(FloatMath.E6).fma(r, broadcast(FloatMath.E5));
        p = p.fma(r, broadcast(FloatMath.E4));
        p = p.fma(r, broadcast(FloatMath.E3));
        return p.fma(r, broadcast(0.5f));
    }

    private static FloatVector power(FloatVector shifted, IntVector bias) {
        return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(bias).reinterpretAsFloats();
    }

    /** Where {@code magnitude} has no sign, that of {@code x}. */
    private static FloatVector signed(FloatVector magnitude, FloatVector x) {
        IntVector sign = x.reinterpretAsInts().and(SIGN);
        return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    static FloatVector erf(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector t = a.mul(a);
        FloatVector p = ERF_P6.fma(t, ERF_P5);
        p = p.fma(t, ERF_P4);
        p = p.fma(t, ERF_P3);
        p = p.fma(t, ERF_P2);
        p = p.fma(t, ERF_P1);
        p = p.fma(t, ERF_P0);
        FloatVector c = atMost(a, ERF_LIMIT);
        FloatVector q = ERF_R6.fma(c, ERF_R5);
        q = q.fma(c, ERF_R4);
        q = q.fma(c, ERF_R3);
        q = q.fma(c, ERF_R2);
        q = q.fma(c, ERF_R1);
        q = q.fma(c, ERF_R0);
        q = q.fma(bell(c.mul(c).neg()), ONE);
        return signed(q.blend(p.fma(a, a), a.compare(VectorOperators.LT, ERF_SPLIT)), x);
    }

    /** {@link #expWithin} by constants that are loaded. */
    private static FloatVector bell(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
        FloatVector p = E6.fma(r, E5);
        p = p.fma(r, E4);
        p = p.fma(r, E3);
        p = p.fma(r, HALF).fma(r, ONE).fma(r, ONE);
        p = p.mul(power(shifted, BIAS_OF_HALF));
        return p.add(p);
    }

    /** -|x|. */
    static FloatVector negative(FloatVector x) {
        return x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
    }

    static FloatVector gelu(FloatVector x) {
        FloatVector n = atLeast(negative(x), broadcast(-FloatMath.GELU_END));
        FloatVector root = broadcast(FloatMath.GELU_10).fma(n, broadcast(FloatMath.GELU_9));
        root = root.fma(n, broadcast(FloatMath.GELU_8));
        root = root.fma(n, broadcast(FloatMath.GELU_7));
        root = root.fma(n, broadcast(FloatMath.GELU_6));
        root = root.fma(n, broadcast(FloatMath.GELU_5));
        root = root.fma(n, broadcast(FloatMath.GELU_4));
        root = root.fma(n, broadcast(FloatMath.GELU_3));
        root = root.fma(n, broadcast(FloatMath.GELU_2));
        root = root.fma(n, broadcast(FloatMath.GELU_1));
        root = root.fma(n, broadcast(FloatMath.GELU_0));
        root = root.mul(n.add(broadcast(FloatMath.GELU_END)));
        root = root.mul(root);
        return n.fma(root.mul(root), atLeast(x, broadcast(0f)));
    }

    static FloatVector geluSlope(FloatVector x) {
        FloatVector n = atLeast(negative(x), broadcast(-FloatMath.GELU_SLOPE_END));
        FloatVector root = broadcast(FloatMath.GELU_SLOPE_10).fma(n, broadcast(FloatMath.GELU_SLOPE_9));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_8));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_7));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_6));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_5));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_4));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_3));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_2));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_1));
        root = root.fma(n, broadcast(FloatMath.GELU_SLOPE_0));
        root = root.mul(n.add(broadcast(FloatMath.GELU_SLOPE_END)));
        root = root.mul(root);
        FloatVector slope = root.mul(root).mul(n.add(broadcast(FloatMath.GELU_SLOPE_ROOT)));
        return slope.blend(broadcast(1f).sub(slope), x.compare(VectorOperators.GT, broadcast(0f)));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector a = atMost(x.abs(), broadcast(FloatMath.TANH_LIMIT));
        FloatVector c = a.mul(broadcast(-2f));
        FloatVector shifted = c.fma(broadcast(FloatMath.LOG2_E), broadcast(FloatMath.ROUNDER));
        FloatVector r = remainder(c, shifted);
        FloatVector p = series(r).mul(r).fma(r, r);
        FloatVector power = power(shifted, BIAS);
        FloatVector denominator = p.fma(power, power.add(broadcast(1f)));
        FloatVector near = p.fma(power, power.sub(broadcast(1f)));
        FloatVector far = p.fma(power, power).mul(broadcast(2f));
        VectorMask<Float> isNear = a.compare(VectorOperators.LT, broadcast(FloatMath.TANH_SPLIT));
        FloatVector quotient = far.blend(near, isNear).div(denominator); // one division, since they are slow
        return signed(broadcast(1f).blend(broadcast(0f), isNear).sub(quotient), x);
    }

    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(VectorOperators.LT, broadcast(Float.MIN_NORMAL));
        IntVector bits = x.blend(x.mul(broadcast(0x1p23f)), subnormal).reinterpretAsInts().sub(LOG_LEAST);
        FloatVector exponent = bits.lanewise(VectorOperators.ASHR, 23).add(ROUNDER_BITS).reinterpretAsFloats()
                .sub(broadcast(FloatMath.ROUNDER)).add(broadcast(0f).blend(broadcast(-23f), subnormal));
        FloatVector f = bits.and(SIGNIFICAND).add(LOG_LEAST).reinterpretAsFloats().sub(broadcast(1f));
        FloatVector p = broadcast(FloatMath.L10).fma(f, broadcast(FloatMath.L9));
        p = p.fma(f, broadcast(FloatMath.L8));
        p = p.fma(f, broadcast(FloatMath.L7));
        p = p.fma(f, broadcast(FloatMath.L6));
        p = p.fma(f, broadcast(FloatMath.L5));
        p = p.fma(f, broadcast(FloatMath.L4));
        p = p.fma(f, broadcast(FloatMath.L3));
        p = p.fma(f, broadcast(-0.5f));
        p = p.mul(f).fma(f, f);
        FloatVector result = x.blend(exponent.fma(broadcast(FloatMath.LN2), p),
                x.compare(VectorOperators.LT, broadcast(Float.POSITIVE_INFINITY)));
        return result.blend(broadcast(Float.NaN), x.compare(VectorOperators.LT, broadcast(0f)))
                .blend(broadcast(Float.NEGATIVE_INFINITY), x.compare(
                        VectorOperators.EQ, broadcast(0f)));
    }
}
