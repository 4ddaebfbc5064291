package dev.lorikeet.transformer.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How well scores tell the examples that have something from those that do not, whatever the threshold, as
 * scikit-learn has it.
 *
 * @param curve a point for each score that occurs, from the smallest: {@code precision_recall_curve} without its last
 *     point, precision 1 and recall 0, which no threshold gives
 * @param averagePrecision the precision at each threshold, averaged by how much recall it adds,
 *     {@code average_precision_score}: no point between two is made up. 0 if no example has it
 * @param rocAuc the area under the ROC curve, {@code roc_auc_score}: how often an example that has it has the larger
 *     score than one that has it not, an equal score counting half. NaN if all or none have it
 */
public record PrecisionRecall(List<Point> curve, double averagePrecision, double rocAuc) {
    /**
     * Of saying it of the examples whose score is not below the threshold.
     *
     * @param precision the share of these examples that have it
     * @param recall the share of those that have it which are among them; 1 if no example has it
     */
    public record Point(float threshold, double precision, double recall) {}

    public PrecisionRecall {
        curve = List.copyOf(curve);
    }

    /**
     * The curve of scores.
     *
     * @param actual whether each example has it
     * @param scores larger where it is likelier, in the same order: probabilities or any others
     * @throws IllegalArgumentException if the counts differ or a score is NaN
     */
    public static PrecisionRecall of(boolean[] actual, float[] scores) {
        if (actual.length != scores.length) {
            throw new IllegalArgumentException("precision and recall: " + actual.length + " examples for "
                    + scores.length + " scores");
        }
        int have = 0;
        for (int i = 0; i < actual.length; i++) {
            if (Float.isNaN(scores[i])) {
                throw new IllegalArgumentException("precision and recall: the score of example " + i + " is NaN");
            }
            have += actual[i] ? 1 : 0;
        }
        List<Point> curve = new ArrayList<>();
        double averagePrecision = 0;
        double pairs = 0; // in the right order, of one that has it and one that has it not
        int hits = 0;
        int[] order = Ranks.order(scores);
        int to = order.length;
        while (to > 0) {
            float threshold = scores[order[to - 1]];
            int from = to;
            int own = 0; // of this score that have it
            while (from > 0 && scores[order[from - 1]] == threshold) {
                from--;
                own += actual[order[from]] ? 1 : 0;
            }
            pairs += (to - from - own) * (hits + own / 2.0);
            hits += own;
            double precision = (double) hits / (order.length - from);
            averagePrecision += have == 0 ? 0 : precision * own / have;
            curve.add(new Point(threshold, precision, have == 0 ? 1 : (double) hits / have));
            to = from;
        }
        Collections.reverse(curve);
        return new PrecisionRecall(curve, averagePrecision, pairs / ((double) have * (actual.length - have)));
    }
}
