package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireWithin;

import java.util.Arrays;
import java.util.stream.IntStream;

/** One row of layer normalisation in double precision. */
public record DoubleLayerNorm(float[] x, float[] gamma, double mean, double inverse) {

    public static DoubleLayerNorm of(float[] x, float[] gamma, float eps) {
        double mean = IntStream.range(0, x.length).mapToDouble(i -> x[i]).average().orElse(Double.NaN);
        double variance = IntStream.range(0, x.length).mapToDouble(i -> (x[i] - mean) * (x[i] - mean)).average()
                .orElse(Double.NaN);
        return new DoubleLayerNorm(x, gamma, mean, 1 / Math.sqrt(variance + eps));
    }

    public double normalised(int i) {
        return (x[i] - mean) * inverse;
    }

    /** Requires y, followed by mean and inverse deviation, as far as sums of n/16 terms in each lane can be right. */
    public void requireForward(float[] actual, float[] beta) {
        int n = x.length;
        double relative = (Math.ceilDiv(n, 16) + 12) * U;
        double size = IntStream.range(0, n).mapToDouble(i -> Math.abs(x[i])).average().orElse(0);
        requireWithin(n, actual, i -> normalised(i) * gamma[i] + beta[i],
                i -> relative * (Math.abs(gamma[i]) * (Math.abs(normalised(i)) + size * inverse) + Math.abs(beta[i])));
        requireWithin(2, Arrays.copyOfRange(actual, n, n + 2), i -> i == 0 ? mean : inverse,
                i -> relative * (i == 0 ? size : inverse * (1 + size * inverse)));
    }

    /** Requires dx = Σⱼ dyⱼ·∂yⱼ/∂x, with the derivative of the formula written out: δᵢⱼ - 1/n - x̂ᵢ·x̂ⱼ/n. */
    public void requireBackward(float[] actual, float[] dy) {
        int n = x.length;
        double[] gradient = new double[n];
        double[] magnitude = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double g = (double) dy[j] * gamma[j];
                gradient[i] += inverse * g * ((i == j ? 1 : 0) - 1.0 / n - normalised(i) * normalised(j) / n);
                magnitude[i] += inverse * Math.abs(g)
                        * ((i == j ? 1 : 0) + (1 + Math.abs(normalised(i) * normalised(j))) / n);
            }
        }
        double size = IntStream.range(0, n).mapToDouble(i -> Math.abs(x[i])).average().orElse(0);
        double relative = (Math.ceilDiv(n, 16) + 12) * U * (1 + size * inverse);
        requireWithin(n, actual, i -> gradient[i], i -> 2 * relative * magnitude[i]);
    }
}
