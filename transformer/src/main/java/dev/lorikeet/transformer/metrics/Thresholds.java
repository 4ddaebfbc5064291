package dev.lorikeet.transformer.metrics;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From which score on each label is said of an example.
 *
 * @param each by label: the label is said where the score is not below it
 */
public record Thresholds(List<Double> each) {
    private static final double USUAL = 0.5;

    public Thresholds {
        each = List.copyOf(each);
    }

    /** The same for so many labels, from which on they are likelier than not. */
    public static Thresholds usual(int labels) {
        return new Thresholds(Collections.nCopies(labels, USUAL));
    }

    /** Whether all are those of {@link #usual}. */
    public boolean areUsual() {
        return each.stream().allMatch(threshold -> threshold == USUAL);
    }

    /**
     * The thresholds with which each label's F1 is largest. A candidate is 0.5, and what is halfway between two
     * neighbouring scores that differ; of candidates that are as good as each other the one nearest to 0.5 is taken, of
     * two as near the lower. So of a label that nothing has it is 0.5. On the examples that they were chosen on, scores
     * are better than on others (Lipton et al. 2014): choose on the validation set, and score on the test set.
     *
     * @param scores (examples, labels): probabilities, or whatever is larger where the label is likelier
     * @param targets (examples, labels): whether the example has the label
     * @return a threshold for each label; none without examples
     * @throws IllegalArgumentException if the shapes differ, the rows of one are not of one length, or a score is not
     *     finite
     */
    public static Thresholds best(float[][] scores, boolean[][] targets) {
        if (scores.length != targets.length) {
            throw new IllegalArgumentException("thresholds: " + scores.length + " rows of scores for " + targets.length
                    + " rows of labels");
        }
        int labels = scores.length == 0 ? 0 : scores[0].length;
        for (int i = 0; i < scores.length; i++) {
            requireRow(scores[i], labels, i);
            if (targets[i].length != labels) {
                throw new IllegalArgumentException("thresholds: " + targets[i].length + " labels of example " + i
                        + " for " + labels + " scores");
            }
        }
        return new Thresholds(IntStream.range(0, labels).mapToObj(label -> best(scores, targets, label)).toList());
    }

    /**
     * The labels that are said.
     *
     * @param scores (examples, labels)
     * @return (examples, labels)
     * @throws IllegalArgumentException if a row has not a score for each threshold, or one is not finite
     */
    public boolean[][] said(float[][] scores) {
        boolean[][] said = new boolean[scores.length][each.size()];
        for (int i = 0; i < scores.length; i++) {
            requireRow(scores[i], each.size(), i);
            for (int label = 0; label < each.size(); label++) {
                said[i][label] = scores[i][label] >= each.get(label);
            }
        }
        return said;
    }

    private static void requireRow(float[] row, int labels, int example) {
        if (row.length != labels) {
            throw new IllegalArgumentException("thresholds: " + row.length + " scores of example " + example + " for "
                    + labels + " labels");
        }
        for (float score : row) {
            if (!Float.isFinite(score)) {
                throw new IllegalArgumentException("thresholds: a score of example " + example + " is " + score
                        + ", and a finite number is expected");
            }
        }
    }

    private static double best(float[][] scores, boolean[][] targets, int label) {
        float[] column = new float[scores.length];
        for (int i = 0; i < column.length; i++) {
            column[i] = scores[i][label];
        }
        int[] order = Ranks.order(column);
        int below = 0; // scores that the usual threshold leaves unsaid
        int[] hits = new int[order.length + 1]; // that have the label, of the scores from here on
        for (int i = order.length - 1; i >= 0; i--) {
            hits[i] = hits[i + 1] + (targets[order[i]][label] ? 1 : 0);
            below += column[order[i]] < USUAL ? 1 : 0;
        }
        double best = USUAL;
        double bestF1 = f1(hits, below);
        for (int i = 1; i < order.length; i++) {
            float low = column[order[i - 1]];
            float high = column[order[i]];
            if (low == high) {
                continue;
            }
            double threshold = ((double) low + high) / 2; // in double never either of them
            double f1 = f1(hits, i);
            if (f1 > bestF1 || f1 == bestF1 && isBefore(threshold, best)) {
                best = threshold;
                bestF1 = f1;
            }
        }
        return best;
    }

    /** Of saying the label of all scores from {@code from} on. */
    private static double f1(int[] hits, int from) {
        return ClassScores.Score.of(hits[from], hits.length - 1 - from, hits[0]).f1();
    }

    private static boolean isBefore(double threshold, double other) {
        double distance = Math.abs(threshold - USUAL);
        double otherDistance = Math.abs(other - USUAL);
        return distance < otherDistance || distance == otherDistance && threshold < other;
    }
}
