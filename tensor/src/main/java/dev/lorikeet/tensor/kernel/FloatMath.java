package dev.lorikeet.tensor.kernel;

/**
 * exp, erf, tanh, log, 1/√x, GELU and its derivative in float32 from fused multiply-adds and what IEEE 754 rounds alike
 * everywhere (division and square root too), so that every processor gives the same bits. {@link VectorMath} repeats
 * each formula step by step.
 *
 * <p>The coefficients are minimax fits of this project (weighted least squares with Lawson's weights on 200 Chebyshev
 * nodes, 300 for GELU, in 40 digits, rounded to float one after the other); the error of the fit with the rounded
 * coefficients stands beside each.
 */
public final class FloatMath {
    /** Far enough down for the power of two to be 0 where the result would be subnormal, or nearly. */
    static final float EXP_LOW = -87f;
    /** Far enough up for infinity. */
    static final float EXP_HIGH = 89f;

    static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts; the upper one has 11 trailing zero bits, so that its multiples by an exponent are exact. */
    static final float LN2_HIGH = 0.693359375f;

    static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5·2^23 rounds to an integer, which then stands in the low bits of the significand. */
    static final float ROUNDER = 12582912f;

    // exp(r) = 1 + r + r²·(1/2 + E3·r + …) on |r| ≤ ln2/2: 3.3e-9
    static final float E3 = 0.1666652f;
    static final float E4 = 0.04166639f;
    static final float E5 = 0.008368816f;
    static final float E6 = 0.0013941829f;

    /** erf is ±1 from here on, with room to spare. */
    static final float ERF_LIMIT = 4f;
    /** Where erf goes over to its distance from 1. */
    static final float ERF_SPLIT = 1.15f;

    // erf(a)/a - 1 = P(a²) on a ≤ 1.15: 1.4e-8
    static final float ERF_P0 = 0.12837915f;
    static final float ERF_P1 = -0.37612575f;
    static final float ERF_P2 = 0.1128304f;
    static final float ERF_P3 = -0.026832156f;
    static final float ERF_P4 = 0.005149467f;
    static final float ERF_P5 = -0.00076888007f;
    static final float ERF_P6 = 6.8562455e-05f;

    // erf(a) = 1 + e^(-a²)·R(a) on 1.15 ≤ a ≤ 4.1: 3.4e-8
    static final float ERF_R0 = -0.9669617f;
    static final float ERF_R1 = 0.96741223f;
    static final float ERF_R2 = -0.64885944f;
    static final float ERF_R3 = 0.2919091f;
    static final float ERF_R4 = -0.08394625f;
    static final float ERF_R5 = 0.013872488f;
    static final float ERF_R6 = -0.000998022f;

    /** tanh is ±1 from here on. */
    static final float TANH_LIMIT = 10f;
    /** Where tanh goes over to its distance from 1. */
    static final float TANH_SPLIT = 0.55f;

    /** The bits of 2/3, the least significand that log takes; the others are below 4/3. */
    static final int LOG_LEAST = 0x3f2aaaab;

    static final int SIGNIFICAND = 0x7fffff;
    static final float LN2 = 0.6931472f;

    // log(1 + f) = f + f²·(-1/2 + L3·f + …) on -1/3 ≤ f ≤ 1/3: 9.9e-9
    static final float L3 = 0.3333321f;
    static final float L4 = -0.24999717f;
    static final float L5 = 0.20010747f;
    static final float L6 = -0.16682303f;
    static final float L7 = 0.1400116f;
    static final float L8 = -0.12167186f;
    static final float L9 = 0.14004761f;
    static final float L10 = -0.12948833f;

    /** Φ is 0 or 1 up to 2e-12 from here on. */
    static final float GELU_END = 7f;

    // Φ(n)^(1/4)/(n + 7) = G(n) on -7 ≤ n ≤ 0: 1.8e-8 in GELU
    static final float GELU_0 = 0.12012806f;
    static final float GELU_1 = 0.0068009086f;
    static final float GELU_2 = -0.008141046f;
    static final float GELU_3 = 0.00050747517f;
    static final float GELU_4 = 0.0004903304f;
    static final float GELU_5 = -3.8822203e-05f;
    static final float GELU_6 = -1.8824423e-05f;
    static final float GELU_7 = 3.2067735e-06f;
    static final float GELU_8 = 1.4950554e-06f;
    static final float GELU_9 = 1.7738014e-07f;
    static final float GELU_10 = 7.345222e-09f;

    /** GELU's derivative is 0 or 1 up to 1e-11 from the negative of here on. */
    static final float GELU_SLOPE_END = 7.5f;
    /** Where the derivative is 0, with its sign turned; an ulp off, for the derivative at 0 to be 0.5. */
    static final float GELU_SLOPE_ROOT = 0.7517916f;

    // ((Φ(n) + n·φ(n))/(n + 0.75…))^(1/4)/(n + 7.5) = H(n) on -7.5 ≤ n ≤ 0: 7.2e-8 in the derivative
    static final float GELU_SLOPE_0 = 0.12040842f;
    static final float GELU_SLOPE_1 = -0.008058841f;
    static final float GELU_SLOPE_2 = -0.01035581f;
    static final float GELU_SLOPE_3 = 0.0017640257f;
    static final float GELU_SLOPE_4 = 0.00070958264f;
    static final float GELU_SLOPE_5 = -6.636916e-05f;
    static final float GELU_SLOPE_6 = -1.5617985e-05f;
    static final float GELU_SLOPE_7 = 8.093005e-06f;
    static final float GELU_SLOPE_8 = 2.465694e-06f;
    static final float GELU_SLOPE_9 = 2.548408e-07f;
    static final float GELU_SLOPE_10 = 9.5314165e-09f;

    // The u of GELU's approximation: 2·√(2/π)·(x + 0.044715·x³)
    static final float GELU_LINEAR = 1.5957692f;
    static final float GELU_CUBIC = 0.071354814f;
    /** From here on the derivative is 0 or 1 up to 1e-30, and e^(-u) is finite. */
    static final float GELU_LIMIT = 9.5f;
    /** From here on the derivative of SiLU is 0 or 1 up to 1e-35, and e^(-x) is finite. */
    static final float SILU_LIMIT = 87f;

    private FloatMath() {}

    /**
     * e^x within 2 ulp; +∞ from 88.722840 on; NaN for NaN. Results below 2^-125.5 = 1.7e-38 are +0: what softmax leaves
     * out is then no subnormal number, with which some processors are slow.
     */
    public static float exp(float x) {
        float c = Math.min(Math.max(x, EXP_LOW), EXP_HIGH);
        float shifted = Math.fma(c, LOG2_E, ROUNDER);
        float r = remainder(c, shifted);
        float p = Math.fma(Math.fma(series(r), r, 1f), r, 1f);
        // half the power of two, which is finite for n = 128 and 0 for n = -126
        p = p * Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + (126 << 23));
        return p + p;
    }

    /** x - n·ln 2, where n is the integer in {@code shifted}. */
    private static float remainder(float x, float shifted) {
        float n = shifted - ROUNDER;
        return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    }

    /** (e^r - 1 - r)/r². */
    private static float series(float r) {
        float p = Math.fma(E6, r, E5);
        p = Math.fma(p, r, E4);
        p = Math.fma(p, r, E3);
        return Math.fma(p, r, 0.5f);
    }

    /** erf(x), the error function, within 2 ulp; ±1 from ±{@link #ERF_LIMIT} on, NaN for NaN. */
    static float erf(float x) {
        float a = Math.abs(x);
        float c = Math.min(a, ERF_LIMIT);
        return Math.copySign(erf(a, c, exp(-(c * c))), x);
    }

    /** erf(a) for a ≥ 0, given c = min(a, {@link #ERF_LIMIT}) and e^(-c²). */
    private static float erf(float a, float c, float bell) {
        float t = a * a;
        float p = Math.fma(ERF_P6, t, ERF_P5);
        p = Math.fma(p, t, ERF_P4);
        p = Math.fma(p, t, ERF_P3);
        p = Math.fma(p, t, ERF_P2);
        p = Math.fma(p, t, ERF_P1);
        p = Math.fma(p, t, ERF_P0);
        float q = Math.fma(ERF_R6, c, ERF_R5);
        q = Math.fma(q, c, ERF_R4);
        q = Math.fma(q, c, ERF_R3);
        q = Math.fma(q, c, ERF_R2);
        q = Math.fma(q, c, ERF_R1);
        q = Math.fma(q, c, ERF_R0);
        return a < ERF_SPLIT ? Math.fma(p, a, a) : Math.fma(q, bell, 1f);
    }

    /**
     * x·Φ(x) with an error of at most 1.1e-7 plus half an ulp; relative to the result it grows from 5e-7 at 0 to 1e-5
     * at -4. As max(x, 0) - |x|·Φ(-|x|), with a fourth power for the tail: neither exponential nor division.
     */
    static float gelu(float x) {
        float n = Math.max(-Math.abs(x), -GELU_END);
        float root = Math.fma(GELU_10, n, GELU_9);
        root = Math.fma(root, n, GELU_8);
        root = Math.fma(root, n, GELU_7);
        root = Math.fma(root, n, GELU_6);
        root = Math.fma(root, n, GELU_5);
        root = Math.fma(root, n, GELU_4);
        root = Math.fma(root, n, GELU_3);
        root = Math.fma(root, n, GELU_2);
        root = Math.fma(root, n, GELU_1);
        root = Math.fma(root, n, GELU_0);
        root *= n + GELU_END;
        root *= root;
        return Math.fma(n, root * root, x < 0 ? 0f : x);
    }

    /** Φ(x) + x·φ(x), the derivative of {@link #gelu}, with an error of at most 2.7e-7. */
    static float geluSlope(float x) {
        float n = Math.max(-Math.abs(x), -GELU_SLOPE_END);
        float root = Math.fma(GELU_SLOPE_10, n, GELU_SLOPE_9);
        root = Math.fma(root, n, GELU_SLOPE_8);
        root = Math.fma(root, n, GELU_SLOPE_7);
        root = Math.fma(root, n, GELU_SLOPE_6);
        root = Math.fma(root, n, GELU_SLOPE_5);
        root = Math.fma(root, n, GELU_SLOPE_4);
        root = Math.fma(root, n, GELU_SLOPE_3);
        root = Math.fma(root, n, GELU_SLOPE_2);
        root = Math.fma(root, n, GELU_SLOPE_1);
        root = Math.fma(root, n, GELU_SLOPE_0);
        root *= n + GELU_SLOPE_END;
        root *= root;
        float slope = root * root * (n + GELU_SLOPE_ROOT);
        return x > 0 ? 1f - slope : slope;
    }

    /**
     * tanh(x) within 2 ulp; ±1 from ±{@link #TANH_LIMIT} on, NaN for NaN. With y = e^(-2|x|), (1 - y)/(1 + y) near 0
     * and 1 - 2y/(1 + y) farther out; y - 1 and y + 1 are rounded once.
     */
    static float tanh(float x) {
        float a = Math.min(Math.abs(x), TANH_LIMIT);
        float c = a * -2f;
        float shifted = Math.fma(c, LOG2_E, ROUNDER);
        float r = remainder(c, shifted);
        float p = Math.fma(series(r) * r, r, r); // e^r - 1
        float power = Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << 23) + (127 << 23));
        float denominator = Math.fma(p, power, power + 1f);
        float near = Math.fma(p, power, power - 1f) / -denominator;
        float far = 1f - Math.fma(p, power, power) * 2f / denominator;
        return Math.copySign(a < TANH_SPLIT ? near : far, x);
    }

    /** log(x), the natural logarithm, within 2 ulp; -∞ for ±0, NaN below 0 and for NaN. */
    static float log(float x) {
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * 0x1p23f : x) - LOG_LEAST;
        float exponent = (bits >> 23) - (subnormal ? 23f : 0f);
        float f = Float.intBitsToFloat((bits & SIGNIFICAND) + LOG_LEAST) - 1f;
        float p = Math.fma(L10, f, L9);
        p = Math.fma(p, f, L8);
        p = Math.fma(p, f, L7);
        p = Math.fma(p, f, L6);
        p = Math.fma(p, f, L5);
        p = Math.fma(p, f, L4);
        p = Math.fma(p, f, L3);
        p = Math.fma(p, f, -0.5f);
        p = Math.fma(p * f, f, f);
        float result = Math.fma(exponent, LN2, p);
        if (x <= 0) {
            return x == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        return x < Float.POSITIVE_INFINITY ? result : x;
    }

    /** 1/√x within 2 ulp; ±∞ for ±0, 0 for +∞, NaN below 0 and for NaN. */
    static float rsqrt(float x) {
        return 1f / (float) Math.sqrt(x);
    }
}
