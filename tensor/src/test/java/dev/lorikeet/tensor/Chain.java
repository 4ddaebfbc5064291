package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Elements of a matrix product in double precision, each of which is a sum of chains of fused multiply-adds in float32.
 *
 * @param values the elements
 * @param magnitudes the same sums over absolute values
 * @param length the number of roundings
 */
public record Chain(double[] values, double[] magnitudes, int length) {

    public static Chain zeros(int size) {
        return new Chain(new double[size], new double[size], 0);
    }

    /** Chains that start at {@code elements}, repeated as often as it takes: a whole C, or a bias for each row. */
    public static Chain from(Tensor elements, int size) {
        Chain chain = zeros(size);
        for (int i = 0; i < size; i++) {
            chain.values[i] = elements.data()[elements.offset() + i % elements.size()];
            chain.magnitudes[i] = Math.abs(chain.values[i]);
        }
        return chain;
    }

    /** A·B added, for A (m, k), B (k, n). */
    public Chain plus(Tensor a, Tensor b) {
        int k = b.dim(0);
        int n = b.dim(1);
        Chain sum = new Chain(values.clone(), magnitudes.clone(), length + k + 1);
        for (int i = 0; i < a.dim(0); i++) {
            for (int p = 0; p < k; p++) {
                double factor = a.data()[a.offset() + i * k + p];
                for (int j = 0; j < n; j++) {
                    double product = factor * b.data()[b.offset() + p * n + j];
                    sum.values[i * n + j] += product;
                    sum.magnitudes[i * n + j] += Math.abs(product);
                }
            }
        }
        return sum;
    }

    /** Every element times {@code factor}. */
    public Chain times(float factor) {
        Chain product = new Chain(values.clone(), magnitudes.clone(), length + 1);
        for (int i = 0; i < values.length; i++) {
            product.values[i] *= factor;
            product.magnitudes[i] *= Math.abs(factor);
        }
        return product;
    }

    /** {@code elements} added, repeated as often as it takes. */
    public Chain plus(Tensor elements) {
        Chain start = from(elements, values.length);
        for (int i = 0; i < values.length; i++) {
            start.values[i] += values[i];
            start.magnitudes[i] += magnitudes[i];
        }
        return new Chain(start.values, start.magnitudes, length + 1);
    }

    /** Requires |error| ≤ γ·Σ|a·b| with γ = k·u/(1 - k·u) (Higham 2002, section 3.1). */
    public void requireClose(float[] actual) {
        double gamma = length * Rounding.U / (1 - length * Rounding.U);
        assertThat(actual).hasSameSizeAs(values);
        Rounding.requireWithin(actual.length, actual, i -> values[i], i -> gamma * magnitudes[i]);
    }
}
