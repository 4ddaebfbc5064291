package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.function.IntToDoubleFunction;

/** Compares float32 results with a reference in double precision. */
public final class Rounding {
    /** The largest relative error of one rounding to float32. */
    public static final double U = 0x1p-24;

    private Rounding() {}

    /** Requires the first n elements to be within {@code bound} of {@code expected}. */
    public static void requireWithin(int n, float[] actual, IntToDoubleFunction expected, IntToDoubleFunction bound) {
        for (int i = 0; i < n; i++) {
            double error = Math.abs(actual[i] - expected.applyAsDouble(i));
            if (!(error <= bound.applyAsDouble(i))) {
                fail("element %d of %d is %s, expected %s, wrong by %.3g where %.3g is allowed", i, n,
                        actual[i], expected.applyAsDouble(i), error, bound.applyAsDouble(i));
            }
        }
    }

    /** Requires the same bits; all NaN are alike. */
    public static void requireSameBits(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (Float.floatToIntBits(actual[i]) != Float.floatToIntBits(expected[i])) {
                fail("element %d of %d is %s (%08x), expected %s (%08x)", i, actual.length, actual[i],
                        Float.floatToIntBits(actual[i]), expected[i], Float.floatToIntBits(expected[i]));
            }
        }
    }
}
