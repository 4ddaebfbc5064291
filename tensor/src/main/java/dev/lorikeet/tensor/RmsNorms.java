package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;

/** RMS normalisation of (rows, n) tensors over all threads; the formulas are in {@link Kernels#rmsNorm}. */
public final class RmsNorms {
    private static final int ROWS = 32;

    private RmsNorms() {}

    /** y = rmsNorm(x); {@code inverses} (rows) takes 1/√(mean(x²) + eps) of each row for the backward pass. */
    public static void forward(Compute compute, Tensor x, Tensor gamma, float eps, Tensor y, Tensor inverses) {
        int n = x.dim(-1);
        int rows = x.shape().rows();
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            for (int i = task * ROWS; i < Math.min(rows, (task + 1) * ROWS); i++) {
                compute.kernels().rmsNorm(n, x.data(), x.offset() + i * n, gamma.data(), gamma.offset(), eps, y.data(),
                        y.offset() + i * n, inverses.data(), inverses.offset() + i);
            }
        });
    }

    /** dx from dy. dx may be dy. */
    public static void backward(Compute compute, Tensor x, Tensor gamma, Tensor inverses, Tensor dy, Tensor dx) {
        int n = x.dim(-1);
        int rows = x.shape().rows();
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            for (int i = task * ROWS; i < Math.min(rows, (task + 1) * ROWS); i++) {
                compute.kernels().rmsNormBackward(n, x.data(), x.offset() + i * n, gamma.data(), gamma.offset(),
                        inverses.data(), inverses.offset() + i, dy.data(), dy.offset() + i * n, dx.data(),
                        dx.offset() + i * n);
            }
        });
    }

    /** dgamma (n) += Σ rows dy·x̂, in the order of the rows. */
    public static void gammaGradient(Tensor x, Tensor inverses, Tensor dy, Tensor dgamma) {
        int n = x.dim(-1);
        for (int i = 0; i < x.shape().rows(); i++) {
            float inverse = inverses.data()[inverses.offset() + i];
            for (int j = 0; j < n; j++) {
                float normalised = x.data()[x.offset() + i * n + j] * inverse;
                dgamma.data()[dgamma.offset() + j] = Math.fma(dy.data()[dy.offset() + i * n + j], normalised,
                        dgamma.data()[dgamma.offset() + j]);
            }
        }
    }
}
