package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link FloatMath} on vectors: the same steps in the same order, hence the same bits.
 *
 * <p>A constant is broadcast where it is used: C2 takes it out of the loop and keeps it in a register. A static vector
 * would be loaded in each round, since what the round writes may be its elements. But C2 inlines only so much into one
 * loop (NodeCountInliningCutoff): where there are too many constants for it, all vectors of the loop become objects.
 */
final class VectorMath {
    // Erf and log have too many constants for what C2 inlines: these are loaded.
    private static final FloatVector LOG2_E = broadcast(S, FloatMath.LOG2_E);
    private static final FloatVector ROUNDER = broadcast(S, FloatMath.ROUNDER);
    private static final FloatVector MINUS_LN2_HIGH = broadcast(S, -FloatMath.LN2_HIGH);
    private static final FloatVector MINUS_LN2_LOW = broadcast(S, -FloatMath.LN2_LOW);
    private static final FloatVector E6 = broadcast(S, FloatMath.E6);
    private static final FloatVector E5 = broadcast(S, FloatMath.E5);
    private static final FloatVector E4 = broadcast(S, FloatMath.E4);
    private static final FloatVector E3 = broadcast(S, FloatMath.E3);
    private static final FloatVector HALF = broadcast(S, 0.5f);
    private static final FloatVector ERF_P6 = broadcast(S, FloatMath.ERF_P6);
    private static final FloatVector ERF_P5 = broadcast(S, FloatMath.ERF_P5);
    private static final FloatVector ERF_P4 = broadcast(S, FloatMath.ERF_P4);
    private static final FloatVector ERF_P3 = broadcast(S, FloatMath.ERF_P3);
    private static final FloatVector ERF_P2 = broadcast(S, FloatMath.ERF_P2);
    private static final FloatVector ERF_P1 = broadcast(S, FloatMath.ERF_P1);
    private static final FloatVector ERF_P0 = broadcast(S, FloatMath.ERF_P0);
    private static final FloatVector ERF_R6 = broadcast(S, FloatMath.ERF_R6);
    private static final FloatVector ERF_R5 = broadcast(S, FloatMath.ERF_R5);
    private static final FloatVector ERF_R4 = broadcast(S, FloatMath.ERF_R4);
    private static final FloatVector ERF_R3 = broadcast(S, FloatMath.ERF_R3);
    private static final FloatVector ERF_R2 = broadcast(S, FloatMath.ERF_R2);
    private static final FloatVector ERF_R1 = broadcast(S, FloatMath.ERF_R1);
    private static final FloatVector ERF_R0 = broadcast(S, FloatMath.ERF_R0);
    private static final FloatVector L10 = broadcast(S, FloatMath.L10);
    private static final FloatVector L9 = broadcast(S, FloatMath.L9);
    private static final FloatVector L8 = broadcast(S, FloatMath.L8);
    private static final FloatVector L7 = broadcast(S, FloatMath.L7);
    private static final FloatVector L6 = broadcast(S, FloatMath.L6);
    private static final FloatVector L5 = broadcast(S, FloatMath.L5);
    private static final FloatVector L4 = broadcast(S, FloatMath.L4);
    private static final FloatVector L3 = broadcast(S, FloatMath.L3);
    private static final FloatVector LN2 = broadcast(S, FloatMath.LN2);
    private static final FloatVector ERF_LIMIT = broadcast(S, FloatMath.ERF_LIMIT);
    private static final FloatVector ERF_SPLIT = broadcast(S, FloatMath.ERF_SPLIT);
    private static final FloatVector ONE = broadcast(S, 1f);
    private static final FloatVector MIN_NORMAL = broadcast(S, Float.MIN_NORMAL);
    private static final FloatVector TWO_TO_23 = broadcast(S, 0x1p23f);
    private static final FloatVector ZERO = broadcast(S, 0f);
    private static final FloatVector MINUS_23 = broadcast(S, -23f);
    private static final FloatVector MINUS_HALF = broadcast(S, -0.5f);
    private static final FloatVector INFINITY = broadcast(S, Float.POSITIVE_INFINITY);
    private static final FloatVector MINUS_INFINITY = broadcast(S, Float.NEGATIVE_INFINITY);
    private static final FloatVector NAN = broadcast(S, Float.NaN);
    private static final IntVector SIGN = integers(1 << 31);
    private static final IntVector BIAS = integers(127 << 23);
    private static final IntVector BIAS_OF_HALF = integers(126 << 23);
    private static final IntVector LOG_LEAST = integers(FloatMath.LOG_LEAST);
    private static final IntVector SIGNIFICAND = integers(FloatMath.SIGNIFICAND);
    private static final IntVector ROUNDER_BITS = integers(Float.floatToRawIntBits(FloatMath.ROUNDER));

    private VectorMath() {}

    private static IntVector integers(int value) {
        return FloatVector.zero(S).reinterpretAsInts().broadcast(value);
    }

    static FloatVector exp(FloatVector x) {
        return expWithin(x).blend(broadcast(S, 0f), x.compare(VectorOperators.LT, broadcast(S, FloatMath.EXP_LOW)))
                .blend(broadcast(S, Float.POSITIVE_INFINITY),
                        x.compare(VectorOperators.GT, broadcast(S, FloatMath.EXP_HIGH)));
    }

    /** {@link #exp} of {@link FloatMath#EXP_LOW} ≤ x ≤ {@link FloatMath#EXP_HIGH}. */
    static FloatVector expWithin(FloatVector x) {
        FloatVector shifted = x.fma(broadcast(S, FloatMath.LOG2_E), broadcast(S, FloatMath.ROUNDER));
        FloatVector r = remainder(x, shifted);
        FloatVector one = broadcast(S, 1f);
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
        FloatVector n = shifted.sub(broadcast(S, FloatMath.ROUNDER));
        return n.fma(broadcast(S, -FloatMath.LN2_LOW), n.fma(broadcast(S, -FloatMath.LN2_HIGH), x));
    }

    private static FloatVector series(FloatVector r) {
        FloatVector p = broadcast(S, FloatMath.E6).fma(r, broadcast(S, FloatMath.E5));
        p = p.fma(r, broadcast(S, FloatMath.E4));
        p = p.fma(r, broadcast(S, FloatMath.E3));
        return p.fma(r, broadcast(S, 0.5f));
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
        FloatVector n = atLeast(negative(x), broadcast(S, -FloatMath.GELU_END));
        FloatVector root = broadcast(S, FloatMath.GELU_10).fma(n, broadcast(S, FloatMath.GELU_9));
        root = root.fma(n, broadcast(S, FloatMath.GELU_8));
        root = root.fma(n, broadcast(S, FloatMath.GELU_7));
        root = root.fma(n, broadcast(S, FloatMath.GELU_6));
        root = root.fma(n, broadcast(S, FloatMath.GELU_5));
        root = root.fma(n, broadcast(S, FloatMath.GELU_4));
        root = root.fma(n, broadcast(S, FloatMath.GELU_3));
        root = root.fma(n, broadcast(S, FloatMath.GELU_2));
        root = root.fma(n, broadcast(S, FloatMath.GELU_1));
        root = root.fma(n, broadcast(S, FloatMath.GELU_0));
        root = root.mul(n.add(broadcast(S, FloatMath.GELU_END)));
        root = root.mul(root);
        return n.fma(root.mul(root), atLeast(x, broadcast(S, 0f)));
    }

    static FloatVector geluSlope(FloatVector x) {
        FloatVector n = atLeast(negative(x), broadcast(S, -FloatMath.GELU_SLOPE_END));
        FloatVector root = broadcast(S, FloatMath.GELU_SLOPE_10).fma(n, broadcast(S, FloatMath.GELU_SLOPE_9));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_8));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_7));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_6));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_5));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_4));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_3));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_2));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_1));
        root = root.fma(n, broadcast(S, FloatMath.GELU_SLOPE_0));
        root = root.mul(n.add(broadcast(S, FloatMath.GELU_SLOPE_END)));
        root = root.mul(root);
        FloatVector slope = root.mul(root).mul(n.add(broadcast(S, FloatMath.GELU_SLOPE_ROOT)));
        return slope.blend(broadcast(S, 1f).sub(slope), x.compare(VectorOperators.GT, broadcast(S, 0f)));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector a = atMost(x.abs(), broadcast(S, FloatMath.TANH_LIMIT));
        FloatVector c = a.mul(broadcast(S, -2f));
        FloatVector shifted = c.fma(broadcast(S, FloatMath.LOG2_E), broadcast(S, FloatMath.ROUNDER));
        FloatVector r = remainder(c, shifted);
        FloatVector p = series(r).mul(r).fma(r, r);
        FloatVector power = power(shifted, BIAS);
        FloatVector denominator = p.fma(power, power.add(broadcast(S, 1f)));
        FloatVector near = p.fma(power, power.sub(broadcast(S, 1f)));
        FloatVector far = p.fma(power, power).mul(broadcast(S, 2f));
        VectorMask<Float> isNear = a.compare(VectorOperators.LT, broadcast(S, FloatMath.TANH_SPLIT));
        FloatVector quotient = far.blend(near, isNear).div(denominator); // one division, since they are slow
        return signed(broadcast(S, 1f).blend(broadcast(S, 0f), isNear).sub(quotient), x);
    }

    static FloatVector log(FloatVector x) {
        VectorMask<Float> subnormal = x.compare(VectorOperators.LT, MIN_NORMAL);
        IntVector bits = x.blend(x.mul(TWO_TO_23), subnormal).reinterpretAsInts().sub(LOG_LEAST);
        FloatVector exponent = bits.lanewise(VectorOperators.ASHR, 23).add(ROUNDER_BITS).reinterpretAsFloats()
                .sub(ROUNDER).add(ZERO.blend(MINUS_23, subnormal));
        FloatVector f = bits.and(SIGNIFICAND).add(LOG_LEAST).reinterpretAsFloats().sub(ONE);
        FloatVector p = L10.fma(f, L9);
        p = p.fma(f, L8);
        p = p.fma(f, L7);
        p = p.fma(f, L6);
        p = p.fma(f, L5);
        p = p.fma(f, L4);
        p = p.fma(f, L3);
        p = p.fma(f, MINUS_HALF);
        p = p.mul(f).fma(f, f);
        FloatVector result = x.blend(exponent.fma(LN2, p), x.compare(VectorOperators.LT, INFINITY));
        return result.blend(NAN, x.compare(VectorOperators.LT, ZERO)).blend(MINUS_INFINITY, x.compare(
                VectorOperators.EQ, ZERO));
    }
}
