package dev.lorikeet.tensor;

/**
 * exp, erf and tanh in float32 from fused multiply-adds and plain arithmetic only, so that every processor gives the
 * same bits. {@link VectorMath} repeats each formula step by step.
 *
 * <p>The coefficients are minimax fits of this project (weighted least squares on 1,500 Chebyshev nodes in 40 digits);
 * the relative error of the fit, before rounding, stands beside each.
 */
final class FloatMath {
    /** Below, exp gives +0; the result would be under the smallest normal number. */
    static final float EXP_LOW = -87.33654f;
    /** Above, exp gives the value here, about 2.4e38. */
    static final float EXP_HIGH = 88.37626f;

    static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts; the upper one has 11 trailing zero bits, so that its multiples by an exponent are exact. */
    static final float LN2_HIGH = 0.693359375f;

    static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5·2^23 rounds to an integer, which then stands in the low bits of the significand. */
    static final float ROUNDER = 12582912f;

    // exp(r) on |r| ≤ ln2/2: 1.9e-9
    static final float E2 = 0.4999999f;
    static final float E3 = 0.1666642f;
    static final float E4 = 0.041668225f;
    static final float E5 = 0.008374824f;
    static final float E6 = 0.0013836826f;

    /** erf is ±1 from here on: the first thousandth past the fit for which the formula gives exactly 1. */
    static final float ERF_LIMIT = 3.922f;

    // erf(x)/x = P(x²)/Q(x²) on |x| ≤ 3.92: 1.9e-8
    static final float ERF_P0 = 1.1283791f;
    static final float ERF_P1 = 0.19040012f;
    static final float ERF_P2 = 0.052747678f;
    static final float ERF_P3 = 0.003765283f;
    static final float ERF_P4 = 0.00028486474f;
    static final float ERF_P5 = 2.050002e-06f;
    static final float ERF_Q1 = 0.5020704f;
    static final float ERF_Q2 = 0.1141063f;
    static final float ERF_Q3 = 0.014968564f;
    static final float ERF_Q4 = 0.0011624346f;
    static final float ERF_Q5 = 3.8089885e-05f;

    /** tanh is ±1 from here on: the first hundredth past the fit for which the formula gives exactly 1. */
    static final float TANH_LIMIT = 9.03f;

    // tanh(x)/x = P(x²)/Q(x²) on |x| ≤ 9.02: 1.3e-9
    static final float TANH_P1 = 0.13679928f;
    static final float TANH_P2 = 0.0038683435f;
    static final float TANH_P3 = 2.800775e-05f;
    static final float TANH_P4 = 3.058562e-08f;
    static final float TANH_P5 = -1.2203822e-11f;
    static final float TANH_Q1 = 0.4701326f;
    static final float TANH_Q2 = 0.027245898f;
    static final float TANH_Q3 = 0.00039386578f;
    static final float TANH_Q4 = 1.2873855e-06f;

    static final float SQRT_HALF = 0.70710677f;
    /** 1/√(2π). */
    static final float INV_SQRT_TWO_PI = 0.3989423f;

    private FloatMath() {}

    /** e^x within 2 ulp; 0 below {@link #EXP_LOW}, NaN for NaN. */
    static float exp(float x) {
        float clamped = Math.min(Math.max(x, EXP_LOW), EXP_HIGH);
        float shifted = Math.fma(clamped, LOG2_E, ROUNDER);
        float n = shifted - ROUNDER;
        float r = Math.fma(n, -LN2_HIGH, clamped);
        r = Math.fma(n, -LN2_LOW, r);
        float p = Math.fma(E6, r, E5);
        p = Math.fma(p, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        int exponent = Float.floatToRawIntBits(shifted) << 23; // the integer n, moved into the exponent field
        float power = Float.intBitsToFloat(exponent + (127 << 23));
        return x < EXP_LOW ? 0f : p * power;
    }

    /** erf(x), the error function, within 6 ulp; ±1 from ±{@link #ERF_LIMIT} on, NaN for NaN. */
    static float erf(float x) {
        float c = Math.min(Math.max(x, -ERF_LIMIT), ERF_LIMIT);
        float t = c * c;
        float p = Math.fma(ERF_P5, t, ERF_P4);
        p = Math.fma(p, t, ERF_P3);
        p = Math.fma(p, t, ERF_P2);
        p = Math.fma(p, t, ERF_P1);
        p = Math.fma(p, t, ERF_P0);
        float q = Math.fma(ERF_Q5, t, ERF_Q4);
        q = Math.fma(q, t, ERF_Q3);
        q = Math.fma(q, t, ERF_Q2);
        q = Math.fma(q, t, ERF_Q1);
        q = Math.fma(q, t, 1f);
        return c * p / q;
    }

    /** tanh(x) within 6 ulp; ±1 from ±{@link #TANH_LIMIT} on, NaN for NaN. */
    static float tanh(float x) {
        float c = Math.min(Math.max(x, -TANH_LIMIT), TANH_LIMIT);
        float t = c * c;
        float p = Math.fma(TANH_P5, t, TANH_P4);
        p = Math.fma(p, t, TANH_P3);
        p = Math.fma(p, t, TANH_P2);
        p = Math.fma(p, t, TANH_P1);
        p = Math.fma(p, t, 1f);
        float q = Math.fma(TANH_Q4, t, TANH_Q3);
        q = Math.fma(q, t, TANH_Q2);
        q = Math.fma(q, t, TANH_Q1);
        q = Math.fma(q, t, 1f);
        return c * p / q;
    }

    /** Φ(x), the standard normal distribution. */
    static float normal(float x) {
        return Math.fma(erf(x * SQRT_HALF), 0.5f, 0.5f);
    }
}
