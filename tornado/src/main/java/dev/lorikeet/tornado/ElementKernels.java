package dev.lorikeet.tornado;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What a layer does element by element, and the sums of columns. A function is the ordinal of {@code tensor}'s
 * {@code Activation}, a constant in the compiled kernel.
 */
final class ElementKernels {
    private static final int GELU = 1;
    private static final int GELU_TANH = 2;
    private static final int RELU = 3;
    private static final int SILU = 4;
    private static final int TANH = 5;

    private static final float SQRT_HALF = 0.70710678f;
    private static final float SQRT_2_OVER_PI = 0.7978845608f;
    private static final float CUBIC = 0.044715f;
    private static final float DENSITY_AT_0 = 0.39894228f;

    private ElementKernels() {}

    /** y = f(x). */
    static void activate(FloatArray x, FloatArray y, int n, int f) {
        for (@Parallel
        int i = 0; i < n; i++) {
            y.set(i, value(x.get(i), f));
        }
    }

    /** dx = dy·f'(x), where {@code kept} is x, or f(x) for a function whose derivative reads that. */
    static void activateBackward(FloatArray kept, FloatArray dy, FloatArray dx, int n, int f) {
        for (@Parallel
        int i = 0; i < n; i++) {
            dx.set(i, dy.get(i) * slope(kept.get(i), f));
        }
    }

    /** y = f(gate)·up. */
    static void gate(FloatArray gate, FloatArray up, FloatArray y, int n, int f) {
        for (@Parallel
        int i = 0; i < n; i++) {
            y.set(i, value(gate.get(i), f) * up.get(i));
        }
    }

    /** dgate = dy·up·f'(gate) and dup = dy·f(gate), from what the function was applied to. */
    static void gateBackward(FloatArray gate, FloatArray up, FloatArray dy, FloatArray dgate, FloatArray dup, int n,
            int f) {
        for (@Parallel
        int i = 0; i < n; i++) {
            float g = gate.get(i);
            dgate.set(i, dy.get(i) * up.get(i) * slope(keptOf(g, f), f));
            dup.set(i, dy.get(i) * value(g, f));
        }
    }

    /** sums (n) = the sum over the rows of x (m, n). */
    static void sumRows(FloatArray x, FloatArray sums, int m, int n) {
        for (@Parallel
        int j = 0; j < n; j++) {
            float sum = 0f;
            for (int i = 0; i < m; i++) {
                sum += x.get(i * n + j);
            }
            sums.set(j, sum);
        }
    }

    /** z = x + y. */
    static void add(FloatArray x, FloatArray y, FloatArray z, int n) {
        for (@Parallel
        int i = 0; i < n; i++) {
            z.set(i, x.get(i) + y.get(i));
        }
    }

    /** The first element of x, so that a graph which only sends has a task. */
    static void first(FloatArray x, FloatArray y) {
        for (@Parallel
        int i = 0; i < 1; i++) {
            y.set(i, x.get(i));
        }
    }

    private static float keptOf(float x, int f) {
        return f == RELU || f == TANH ? value(x, f) : x;
    }

    private static float value(float x, int f) {
        float y = x;
        if (f == GELU) {
            y = 0.5f * x * (1f + erf(x * SQRT_HALF));
        } else if (f == GELU_TANH) {
            y = 0.5f * x * (1f + tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
        } else if (f == RELU) {
            y = x > 0f ? x : 0f;
        } else if (f == SILU) {
            y = x * sigmoid(x);
        } else if (f == TANH) {
            y = tanh(x);
        }
        return y;
    }

    private static float slope(float kept, int f) {
        float d = 1f;
        if (f == GELU) {
            d = 0.5f * (1f + erf(kept * SQRT_HALF)) + kept * DENSITY_AT_0 * TornadoMath.exp(-0.5f * kept * kept);
        } else if (f == GELU_TANH) {
            float t = tanh(SQRT_2_OVER_PI * (kept + CUBIC * kept * kept * kept));
            d = 0.5f * (1f + t)
                    + 0.5f * kept * (1f - t * t) * SQRT_2_OVER_PI * (1f + 3f * CUBIC * kept * kept);
        } else if (f == RELU) {
            d = kept > 0f ? 1f : 0f;
        } else if (f == SILU) {
            float s = sigmoid(kept);
            d = s * (1f + kept * (1f - s));
        } else if (f == TANH) {
            d = 1f - kept * kept;
        }
        return d;
    }

    private static float sigmoid(float x) {
        return 1f / (1f + TornadoMath.exp(-x));
    }

    /** By exp, which every backend has; where that overflows, the quotient is 0. */
    private static float tanh(float x) {
        return 1f - 2f / (TornadoMath.exp(2f * x) + 1f);
    }

    /** Abramowitz and Stegun 1964, 7.1.26: within 1.5e-7, where devices have no erf of their own. */
    private static float erf(float x) {
        float magnitude = x < 0f ? -x : x;
        float t = 1f / (1f + 0.3275911f * magnitude);
        float series = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f)
                * t;
        float y = 1f - series * TornadoMath.exp(-magnitude * magnitude);
        return x < 0f ? -y : y;
    }
}
