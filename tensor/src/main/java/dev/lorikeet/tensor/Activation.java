package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;

/** The functions that a layer applies to its sums, element by element, in the same pass as the product. */
public enum Activation {
    /** x. */
    NONE,
    /** x·Φ(x) in its exact form (Hendrycks and Gimpel 2016), see {@link Kernels#gelu}. */
    GELU,
    /** x·Φ(x) in the form with tanh (Hendrycks and Gimpel 2016), see {@link Kernels#geluTanh}. */
    GELU_TANH,
    /** max(x, 0). */
    RELU,
    /** x·σ(x) (Elfwing et al. 2017), see {@link Kernels#silu}. */
    SILU,
    /** The hyperbolic tangent. */
    TANH;

    /** Whether the way back reads the result instead of what the function was applied to. */
    public boolean keepsResult() {
        return this == NONE || this == RELU || this == TANH;
    }

    /** y = f(x) for {@code n} elements. y may be x. */
    public void apply(Kernels kernels, int n, float[] x, int xo, float[] y, int yo) {
        switch (this) {
            case NONE -> System.arraycopy(x, xo, y, yo, n);
            case GELU -> kernels.gelu(n, x, xo, y, yo);
            case GELU_TANH -> kernels.geluTanh(n, x, xo, y, yo);
            case RELU -> relu(n, x, xo, y, yo);
            case SILU -> kernels.silu(n, x, xo, y, yo);
            case TANH -> kernels.tanh(n, x, xo, y, yo);
        }
    }

    private static void relu(int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.max(x[xo + i], 0f);
        }
    }

    /**
     * dx = dy·f'(x). dx may be dy.
     *
     * @param kept the result f(x) where {@link #keepsResult}, else x
     */
    public void backward(Compute compute, Tensor kept, Tensor dy, Tensor dx) {
        switch (this) {
            case NONE -> {
                if (dx != dy) {
                    dx.set(dy);
                }
            }
            case GELU -> Elementwise.geluBackward(compute, kept, dy, dx);
            case GELU_TANH -> Elementwise.geluTanhBackward(compute, kept, dy, dx);
            case RELU -> Elementwise.reluBackward(compute, kept, dy, dx);
            case SILU -> Elementwise.siluBackward(compute, kept, dy, dx);
            case TANH -> Elementwise.tanhBackward(kept, dy, dx);
        }
    }
}
