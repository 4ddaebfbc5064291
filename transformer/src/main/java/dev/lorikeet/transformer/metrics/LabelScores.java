package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How well labels are told of which an example has any number, as scikit-learn's
 * {@code precision_recall_fscore_support} has it of indicator matrices with {@code zero_division=0}: what is divided by
 * nothing is 0.
 *
 * @param each by label
 * @param micro of all pairs of an example and a label together
 * @param macro the mean of all labels, those too that nothing has and that were never said; its support, as those of
 *     the other means, is the number of pairs
 * @param weighted the same, each label as often as examples have it
 * @param samples the mean of the examples, each scored by the labels it has and those that were said of it
 * @param subsetAccuracy the share of examples of which exactly their labels were said, in [0, 1], scikit-learn's
 *     {@code accuracy_score}; NaN without examples
 * @param hammingLoss the share of all pairs of an example and a label that are wrong, in [0, 1], scikit-learn's
 *     {@code hamming_loss}; NaN without examples
 */
public record LabelScores(List<Score> each, Score micro, Score macro, Score weighted, Score samples,
        double subsetAccuracy, double hammingLoss) {

    public LabelScores {
        each = List.copyOf(each);
    }

    /**
     * The scores of what a model said.
     *
     * @param actual (examples, labels): whether the example has the label
     * @param predicted (examples, labels): whether it was said of it
     * @throws IllegalArgumentException if the shapes differ or the rows of one are not of one length
     */
    public static LabelScores of(boolean[][] actual, boolean[][] predicted) {
        if (actual.length != predicted.length) {
            throw new IllegalArgumentException("label scores: " + actual.length + " rows of true labels for "
                    + predicted.length + " rows of predictions");
        }
        int labels = actual.length == 0 ? 0 : actual[0].length;
        List<Hits> each = Stream.generate(Hits::new).limit(labels).toList();
        Hits all = new Hits();
        List<Score> samples = new ArrayList<>();
        int exact = 0;
        for (int i = 0; i < actual.length; i++) {
            requireLength(actual[i], labels, i, "true labels");
            requireLength(predicted[i], labels, i, "predictions");
            Hits sample = new Hits();
            for (int label = 0; label < labels; label++) {
                each.get(label).add(predicted[i][label], actual[i][label]);
                sample.add(predicted[i][label], actual[i][label]);
            }
            all.add(sample);
            samples.add(sample.score());
            exact += sample.misses() == 0 ? 1 : 0;
        }
        List<Score> scores = each.stream().map(Hits::score).toList();
        return new LabelScores(scores, all.score(), Score.mean(scores, _ -> 1), Score.mean(scores, Score::support),
                Score.mean(samples, _ -> 1), (double) exact / actual.length,
                all.misses() / ((double) actual.length * labels));
    }

    private static void requireLength(boolean[] row, int labels, int example, String what) {
        if (row.length != labels) {
            throw new IllegalArgumentException("label scores: " + row.length + " " + what + " of example " + example
                    + ", and the first has " + labels);
        }
    }
}
