package dev.lorikeet.transformer.metrics;

import java.util.List;

/**
 * Probabilities of labels of which an example has any number, beside the true labels.
 *
 * @param labels their names
 * @param actual (examples, labels): whether the example has the label
 * @param scores (examples, labels): the probability that it has it
 * @param thresholds the probabilities from which on labels are said
 */
public record Labelled(List<String> labels, boolean[][] actual, float[][] scores, Thresholds thresholds)
        implements
            Details {
    public Labelled {
        labels = List.copyOf(labels);
    }

    /** What was said. */
    public boolean[][] said() {
        return thresholds.said(scores);
    }

    /** How well all of it is told. */
    public LabelScores labelScores() {
        return LabelScores.of(actual, said());
    }

    /** How well each label is told. */
    public NamedScores named() {
        return new NamedScores(labels, labelScores().each());
    }

    /** How well the probabilities of a label tell the examples that have it. */
    public PrecisionRecall precisionRecall(int label) {
        boolean[] has = new boolean[actual.length];
        float[] score = new float[actual.length];
        for (int i = 0; i < has.length; i++) {
            has[i] = actual[i][label];
            score[i] = scores[i][label];
        }
        return PrecisionRecall.of(has, score);
    }

    /** Whether labels are there as often as the model thinks, all pairs of an example and a label together. */
    public Calibration calibration(int bins) {
        int n = labels.size();
        boolean[] has = new boolean[actual.length * n];
        float[] score = new float[has.length];
        for (int i = 0; i < has.length; i++) {
            has[i] = actual[i / n][i % n];
            score[i] = scores[i / n][i % n];
        }
        return Calibration.of(score, has, bins);
    }
}
