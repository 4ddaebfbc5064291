package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatMathTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

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
        requireUlp(2, FloatMath::exp, StrictMath::exp, -FloatMath.EXP_LOW, -1);
        requireUlp(2, FloatMath::exp, StrictMath::exp, FloatMath.EXP_HIGH, 1);
    }

    @Test
    void expEndsAtItsLimits() {
        assertThat(FloatMath.exp(FloatMath.EXP_LOW)).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
        assertThat(FloatMath.exp(Math.nextDown(FloatMath.EXP_LOW))).isEqualTo(+0f);
        assertThat(FloatMath.exp(-INFINITY)).isEqualTo(+0f);
        float largest = FloatMath.exp(FloatMath.EXP_HIGH);
        assertThat(FloatMath.exp(Math.nextUp(FloatMath.EXP_HIGH))).isEqualTo(largest);
        assertThat(FloatMath.exp(INFINITY)).isEqualTo(largest);
        assertThat(FloatMath.exp(0f)).isEqualTo(FloatMath.exp(-0f)).isEqualTo(1f);
        assertThat(FloatMath.exp(Float.NaN)).isNaN();
    }

    @Test
    void erfIsWithinSixUlp() {
        requireUlp(6, FloatMath::erf, DoubleMath::erf, INFINITY, -1);
        requireUlp(6, FloatMath::erf, DoubleMath::erf, INFINITY, 1);
        requireSaturation(FloatMath::erf, FloatMath.ERF_LIMIT);
    }

    @Test
    void tanhIsWithinSixUlp() {
        requireUlp(6, FloatMath::tanh, StrictMath::tanh, INFINITY, -1);
        requireUlp(6, FloatMath::tanh, StrictMath::tanh, INFINITY, 1);
        requireSaturation(FloatMath::tanh, FloatMath.TANH_LIMIT);
    }

    @Test
    void theNormalDistributionEndsAtExactlyZeroAndOne() {
        for (float x = 5.6f; x < Float.MAX_VALUE; x *= 1.5f) {
            assertThat(FloatMath.normal(x)).as("Φ(%s)", x).isEqualTo(1f);
            assertThat(FloatMath.normal(-x)).as("Φ(%s)", -x).isEqualTo(0f);
        }
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
     * Compares f with its reference at {@code sign}·x for x in [0, to]: steps through the bits, so that every exponent,
     * subnormal numbers included, gets its share, and more closely through the last six exponents where f changes.
     */
    private static void requireUlp(double ulp, FloatFunction f, DoubleUnaryOperator reference, float to, float sign) {
        int last = Float.floatToIntBits(Math.min(to, Float.MAX_VALUE));
        int denseEnd = Math.min(last, Float.floatToIntBits(16f));
        int denseStart = denseEnd - (6 << 23);
        for (int bits = 0; bits < last; bits += bits > denseStart && bits < denseEnd ? 131 : 9973) {
            float x = sign * Float.intBitsToFloat(bits);
            double expected = reference.applyAsDouble(x);
            double error = Math.abs(f.apply(x) - expected) / Math.ulp((float) expected);
            if (!(error <= ulp)) {
                fail("wrong by %s ulp at %s, which gives %s, not %s", error, x, f.apply(x), expected);
            }
        }
    }
}
