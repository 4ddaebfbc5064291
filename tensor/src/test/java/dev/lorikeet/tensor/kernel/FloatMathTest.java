package dev.lorikeet.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.DoubleMath;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatMathTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;
    /** exp of this is the largest finite value. */
    private static final float LARGEST_POWER = 88.72283f;
    /** exp of minus this is the smallest value that is not 0. */
    private static final float SMALLEST_POWER = 86.98997f;

    private interface FloatFunction {
        float apply(float x);
    }

    @Test
    void theReferenceAgreesWithPrintedTables() {
        // Abramowitz and Stegun, table 7.1; erfc(4) from table 7.3
        assertThat(DoubleMath.erf(0.5)).isCloseTo(0.5204998778, within(1e-10));
        assertThat(DoubleMath.erf(1)).isCloseTo(0.8427007929, within(1e-10));
        assertThat(DoubleMath.erf(-2)).isCloseTo(-0.9953222650, within(1e-10));
        assertThat(2 * DoubleMath.normal(-4 * Math.sqrt(2))).isCloseTo(1.541725790e-8, within(1e-16));
    }

    @Test
    void expIsWithinTwoUlp() {
        requireUlp(FloatMath::exp, StrictMath::exp, SMALLEST_POWER, -1);
        requireUlp(FloatMath::exp, StrictMath::exp, LARGEST_POWER, 1);
    }

    @Test
    void expEndsInZeroAndInfinity() {
        assertThat(FloatMath.exp(-SMALLEST_POWER)).isGreaterThan(Float.MIN_NORMAL).isLessThan(0x1p-125f);
        for (float x : new float[] {-Math.nextUp(SMALLEST_POWER), -87, -88, -1e10f, -Float.MAX_VALUE, -INFINITY}) {
            assertThat(FloatMath.exp(x)).as("at %s", x).isEqualTo(+0f);
        }
        for (float x : new float[] {Math.nextUp(LARGEST_POWER), 89, 90, 1e10f, Float.MAX_VALUE, INFINITY}) {
            assertThat(FloatMath.exp(x)).as("at %s", x).isEqualTo(INFINITY);
        }
        assertThat(FloatMath.exp(0f)).isEqualTo(FloatMath.exp(-0f)).isEqualTo(1f);
        assertThat(FloatMath.exp(Float.NaN)).isNaN();
    }

    @Test
    void erfIsWithinTwoUlp() {
        requireUlp(FloatMath::erf, DoubleMath::erf, INFINITY, -1);
        requireUlp(FloatMath::erf, DoubleMath::erf, INFINITY, 1);
        requireSaturation(FloatMath::erf, FloatMath.ERF_LIMIT);
    }

    @Test
    void tanhIsWithinTwoUlp() {
        requireUlp(FloatMath::tanh, StrictMath::tanh, INFINITY, -1);
        requireUlp(FloatMath::tanh, StrictMath::tanh, INFINITY, 1);
        requireSaturation(FloatMath::tanh, FloatMath.TANH_LIMIT);
    }

    @Test
    void logIsWithinTwoUlp() {
        requireUlp(FloatMath::log, StrictMath::log, INFINITY, 1);
        for (int bits = Float.floatToIntBits(0.99f); bits < Float.floatToIntBits(1.01f); bits++) { // where log is small
            requireUlp(FloatMath::log, StrictMath::log, Float.intBitsToFloat(bits));
        }
        assertThat(FloatMath.log(0f)).isEqualTo(FloatMath.log(-0f)).isEqualTo(-INFINITY);
        assertThat(FloatMath.log(INFINITY)).isEqualTo(INFINITY);
        for (float x : new float[] {-Float.MIN_VALUE, -1, -INFINITY, Float.NaN}) {
            assertThat(FloatMath.log(x)).as("at %s", x).isNaN();
        }
    }

    @Test
    void rsqrtIsWithinTwoUlp() {
        requireUlp(FloatMath::rsqrt, x -> 1 / StrictMath.sqrt(x), INFINITY, 1);
        assertThat(FloatMath.rsqrt(0f)).isEqualTo(INFINITY);
        assertThat(FloatMath.rsqrt(-0f)).isEqualTo(-INFINITY);
        assertThat(FloatMath.rsqrt(INFINITY)).isEqualTo(0f);
        for (float x : new float[] {-Float.MIN_VALUE, -1, -INFINITY, Float.NaN}) {
            assertThat(FloatMath.rsqrt(x)).as("at %s", x).isNaN();
        }
    }

    @Test
    void geluAndItsSlopeKeepTheirBounds() {
        for (int i = -1_000_000; i <= 1_000_000; i++) {
            float x = i * 1e-5f;
            double gelu = DoubleMath.gelu(x);
            double slope = DoubleMath.geluDerivative(x);
            if (!(Math.abs(FloatMath.gelu(x) - gelu) <= 1.1e-7 + Math.ulp((float) gelu) / 2)) {
                fail("gelu(%s) is %s, not %s", x, FloatMath.gelu(x), gelu);
            }
            if (x >= -4 && !(Math.abs(FloatMath.gelu(x) - gelu) <= 1e-5 * Math.abs(gelu))) {
                fail("gelu(%s) is %s, not %s: relative to it too far away", x, FloatMath.gelu(x), gelu);
            }
            if (!(Math.abs(FloatMath.geluSlope(x) - slope) <= 2.7e-7)) {
                fail("the slope at %s is %s, not %s", x, FloatMath.geluSlope(x), slope);
            }
        }
    }

    @Test
    void geluEndsInZeroAndItsArgument() {
        for (float x : new float[] {7, 7.5f, 8, 100, 1e20f, Float.MAX_VALUE, INFINITY}) {
            assertThat(FloatMath.gelu(x)).isEqualTo(x);
            assertThat(FloatMath.gelu(-x)).as("at %s", -x).isEqualTo(0f);
            assertThat(FloatMath.geluSlope(x)).as("slope at %s", x).isEqualTo(1f);
            assertThat(FloatMath.geluSlope(-x)).as("slope at %s", -x).isBetween(-1e-9f, 0f);
        }
        assertThat(FloatMath.gelu(0f)).isEqualTo(0f);
        assertThat(FloatMath.gelu(Float.NaN)).isNaN();
        assertThat(FloatMath.geluSlope(Float.NaN)).isNaN();
    }

    /** An odd function that is ±1 from {@code limit} on, keeps the sign of zero, and gives NaN for NaN. */
    private static void requireSaturation(FloatFunction f, float limit) {
        for (float x : new float[] {limit, Math.nextUp(limit), 2 * limit, Float.MAX_VALUE, INFINITY}) {
            assertThat(f.apply(x)).as("at %s", x).isEqualTo(1f);
            assertThat(f.apply(-x)).as("at %s", -x).isEqualTo(-1f);
        }
        assertThat(f.apply(0f)).isEqualTo(0f);
        assertThat(f.apply(-0f)).isEqualTo(-0f);
        assertThat(f.apply(Float.NaN)).isNaN();
    }

    /**
     * Compares f with its reference at {@code sign}·x for x in (0, to]: steps through the bits, so that every exponent,
     * subnormal numbers included, gets its share, and more closely through the last six exponents where f changes.
     */
    private static void requireUlp(FloatFunction f, DoubleUnaryOperator reference, float to, float sign) {
        int last = Float.floatToIntBits(Math.min(to, Float.MAX_VALUE));
        int denseEnd = Math.min(last, Float.floatToIntBits(16f));
        int denseStart = denseEnd - (6 << 23);
        for (int bits = 1; bits < last; bits += bits > denseStart && bits < denseEnd ? 131 : 9973) {
            requireUlp(f, reference, sign * Float.intBitsToFloat(bits));
        }
        requireUlp(f, reference, sign * Float.intBitsToFloat(last));
    }

    private static void requireUlp(FloatFunction f, DoubleUnaryOperator reference, float x) {
        double expected = reference.applyAsDouble(x);
        double error = Math.abs(f.apply(x) - expected) / Math.ulp((float) expected);
        if (!(error <= 2)) {
            fail("wrong by %s ulp at %s, which gives %s, not %s", error, x, f.apply(x), expected);
        }
    }
}
