package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;

/** Layer normalisation of (rows, n) tensors over all threads; the formulas are in {@link Kernels#layerNorm}. */
public final class LayerNorms {
    private static final int ROWS = 32;

    private LayerNorms() {}

    /**
     * y = layerNorm(x); {@code statistics} (rows, 2) takes mean and inverse deviation of each row for the backward
     * pass.
     */
    public static void forward(Compute compute, Tensor x, Tensor gamma, Tensor beta, float eps, Tensor y,
            Tensor statistics) {
        int n = x.dim(-1);
        int rows = x.shape().rows();
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            for (int i = task * ROWS; i < Math.min(rows, (task + 1) * ROWS); i++) {
                compute.kernels().layerNorm(n, x.data(), x.offset() + i * n, gamma.data(), gamma.offset(), beta.data(),
                        beta.offset(), eps, y.data(), y.offset() + i * n, statistics.data(),
                        statistics.offset() + 2 * i);
            }
        });
    }

    /** dx from dy. dx may be dy. */
    public static void backward(Compute compute, Tensor x, Tensor gamma, Tensor statistics, Tensor dy, Tensor dx) {
        int n = x.dim(-1);
        int rows = x.shape().rows();
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            for (int i = task * ROWS; i < Math.min(rows, (task + 1) * ROWS); i++) {
                compute.kernels().layerNormBackward(n, x.data(), x.offset() + i * n, gamma.data(), gamma.offset(),
                        statistics.data(), statistics.offset() + 2 * i, dy.data(), dy.offset() + i * n, dx.data(),
                        dx.offset() + i * n);
            }
        });
    }

    /** dgamma (n) += Σ rows dy·x̂, in the order of the rows; the gradient of beta is {@link Elementwise#sumRows}. */
    public static void gammaGradient(Tensor x, Tensor statistics, Tensor dy, Tensor dgamma) {
        int n = x.dim(-1);
        for (int i = 0; i < x.shape().rows(); i++) {
            float mean = statistics.data()[statistics.offset() + 2 * i];
            float inverse = statistics.data()[statistics.offset() + 2 * i + 1];
            int row = i * n;
            for (int j = 0; j < n; j++) {
                float normalised = (x.data()[x.offset() + row + j] - mean) * inverse;
                dgamma.data()[dgamma.offset() + j] = Math.fma(dy.data()[dy.offset() + row + j], normalised,
                        dgamma.data()[dgamma.offset() + j]);
            }
        }
    }
}
