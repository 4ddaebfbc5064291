package dev.lorikeet.transformer.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether answers are right as often as the model is sure of them.
 *
 * @param bins the reliability diagram: the answers by how sure the model was, from the least sure, and the bins without
 *     any
 * @param error the expected calibration error, in [0, 1]: the distance between how sure the model was and how often it
 *     was right, averaged over all answers, each with its bin's (Guo et al. 2017, equation 3; torchmetrics'
 *     {@code MulticlassCalibrationError} with the norm l1). NaN without answers
 * @param brier the mean squared distance of the confidence from 1 where the answer is right and from 0 where it is not,
 *     in [0, 1]: scikit-learn's {@code brier_score_loss} of being right, which looks at the answer's probability alone.
 *     NaN without answers
 */
public record Calibration(List<Bin> bins, double error, double brier) {
    /**
     * The answers in whose confidence is above {@code from} and at most {@code to}; the first bin has 0, too.
     *
     * @param count how many they are
     * @param confidence the mean confidence; 0 without answers
     * @param accuracy the share that is right; 0 without answers
     */
    public record Bin(double from, double to, int count, double confidence, double accuracy) {}

    public Calibration {
        bins = List.copyOf(bins);
    }

    /**
     * The calibration of answers. The bins are as wide as each other and closed above, as Guo et al. have them, their
     * edges rounded to float as the confidences are. torchmetrics closes them below and has 1 in a bin of its own: it
     * has another number where confidences are on an edge.
     *
     * @param confidence the probability of each answer that was given, in [0, 1]: of classes the largest
     * @param right whether it is right, in the same order
     * @param bins how many, for example 15
     * @throws IllegalArgumentException if the counts differ, there is no bin, or a confidence is not in [0, 1]
     */
    public static Calibration of(float[] confidence, boolean[] right, int bins) {
        if (confidence.length != right.length) {
            throw new IllegalArgumentException("calibration: " + confidence.length + " confidences for " + right.length
                    + " answers");
        }
        if (bins < 1) {
            throw new IllegalArgumentException("calibration: " + bins + " bins, and at least 1 is expected");
        }
        float[] edges = edges(bins);
        int[] counts = new int[bins];
        double[] confidences = new double[bins];
        int[] hits = new int[bins];
        double squared = 0;
        for (int i = 0; i < confidence.length; i++) {
            int bin = bin(edges, confidence[i], i);
            int hit = right[i] ? 1 : 0;
            counts[bin]++;
            confidences[bin] += confidence[i];
            hits[bin] += hit;
            double miss = (double) confidence[i] - hit;
            squared += miss * miss;
        }
        List<Bin> each = new ArrayList<>();
        double distance = 0;
        for (int bin = 0; bin < bins; bin++) {
            int count = Math.max(1, counts[bin]);
            each.add(new Bin(edges[bin], edges[bin + 1], counts[bin], confidences[bin] / count,
                    (double) hits[bin] / count));
            distance += Math.abs(confidences[bin] - hits[bin]);
        }
        return new Calibration(each, distance / confidence.length, squared / confidence.length);
    }

    private static float[] edges(int bins) {
        float[] edges = new float[bins + 1];
        for (int i = 0; i <= bins; i++) {
            edges[i] = (float) ((double) i / bins);
        }
        return edges;
    }

    private static int bin(float[] edges, float confidence, int answer) {
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException("calibration: the confidence of answer " + answer + " is " + confidence
                    + ", and a probability is expected");
        }
        int edge = Arrays.binarySearch(edges, confidence);
        return Math.max(0, (edge < 0 ? -edge - 1 : edge) - 1);
    }
}
