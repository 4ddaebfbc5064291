package dev.lorikeet.transformer.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How near predicted numbers come to the true ones. Correlations are those of SciPy's {@code pearsonr} and
 * {@code spearmanr}, the rest scikit-learn's {@code mean_squared_error}, {@code mean_absolute_error} and
 * {@code r2_score}; what is not defined is NaN.
 *
 * @param pearson the correlation, in [-1, 1]; NaN where the true or the predicted numbers are all one
 * @param spearman the correlation of their ranks, where equal numbers share the mean of theirs; NaN likewise
 * @param meanSquaredError in the unit of the numbers, squared; NaN without examples
 * @param meanAbsoluteError in the unit of the numbers; NaN without examples
 * @param r2 the share of the true numbers' variance that the predictions explain, at most 1, below 0 where their mean
 *     predicts better; where they have no variance it is, as scikit-learn has it, 1 if each is met, and otherwise 0.
 *     NaN with fewer than two examples
 */
public record RegressionScores(double pearson, double spearman, double meanSquaredError, double meanAbsoluteError,
        double r2) {

    /**
     * The scores of what a model predicted.
     *
     * @param actual the true number of each example
     * @param predicted the number that was predicted, in the same order
     * @throws IllegalArgumentException if the counts differ or a number is not finite
     */
    public static RegressionScores of(float[] actual, float[] predicted) {
        if (actual.length != predicted.length) {
            throw new IllegalArgumentException("regression scores: " + actual.length + " true numbers for "
                    + predicted.length + " predictions");
        }
        requireFinite(actual, "true number");
        requireFinite(predicted, "prediction");
        double squared = 0;
        double absolute = 0;
        for (int i = 0; i < actual.length; i++) {
            double error = (double) predicted[i] - actual[i];
            squared += error * error;
            absolute += Math.abs(error);
        }
        double[] wide = widened(actual);
        return new RegressionScores(correlation(wide, widened(predicted)),
                correlation(Ranks.average(actual), Ranks.average(predicted)), squared / actual.length,
                absolute / actual.length, explained(wide, squared));
    }

    private static void requireFinite(float[] numbers, String what) {
        for (int i = 0; i < numbers.length; i++) {
            if (!Float.isFinite(numbers[i])) {
                throw new IllegalArgumentException("regression scores: " + what + " " + i + " is " + numbers[i]
                        + ", and a finite number is expected");
            }
        }
    }

    private static double[] widened(float[] numbers) {
        return IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).toArray();
    }

    /**
     * By the distances from the mean, since the short formula of sums of squares cancels where the mean is large. Those
     * of a constant are exactly 0, which makes it 0 / 0: a double has room for the sum of 2^29 equal floats.
     */
    private static double correlation(double[] x, double[] y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        return Math.clamp(xy / Math.sqrt(xx * yy), -1, 1); // rounding may pass 1
    }

    private static double explained(double[] actual, double squaredErrors) {
        if (actual.length < 2) {
            return Double.NaN;
        }
        double mean = mean(actual);
        double variance = 0;
        for (double value : actual) {
            variance += (value - mean) * (value - mean);
        }
        if (variance == 0) {
            return squaredErrors == 0 ? 1 : 0;
        }
        return 1 - squaredErrors / variance;
    }

    private static double mean(double[] numbers) {
        return Arrays.stream(numbers).sum() / numbers.length;
    }
}
