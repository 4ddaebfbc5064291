package dev.lorikeet.transformer.metrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How well each class is told, and all of them together, as scikit-learn's {@code precision_recall_fscore_support} and
 * {@code matthews_corrcoef} have it: what is divided by nothing is 0.
 *
 * @param each by class
 * @param macro the mean of the classes that an example has or that were said; its support is all examples
 * @param weighted the same, each class as often as examples have it
 * @param matthews the correlation of what is true and what was said, in [-1, 1] (Gorodkin 2004)
 */
public record ClassScores(List<Score> each, Score macro, Score weighted, double matthews) {
    /**
     * Of one class, or a mean of several.
     *
     * @param precision the share of the examples of which it was said that have it
     * @param recall the share of those that have it of which it was said
     * @param f1 the harmonic mean of both
     * @param support how many examples have it
     */
    public record Score(double precision, double recall, double f1, int support) {
        /**
         * Of counts.
         *
         * @param hits of how many examples it was said rightly
         * @param said of how many it was said
         * @param have how many have it
         */
        static Score of(int hits, int said, int have) {
            return new Score(share(hits, said), share(hits, have), share(2.0 * hits, (double) said + have), have);
        }

        /** The mean, each score counted as often as {@code weight} says; its support is that of all. */
        static Score mean(Collection<Score> scores, ToDoubleFunction<Score> weight) {
            double weights = 0;
            double precision = 0;
            double recall = 0;
            double f1 = 0;
            int support = 0;
            for (Score score : scores) {
                double own = weight.applyAsDouble(score);
                weights += own;
                precision += own * score.precision;
                recall += own * score.recall;
                f1 += own * score.f1;
                support += score.support;
            }
            return new Score(share(precision, weights), share(recall, weights), share(f1, weights), support);
        }
    }

    public ClassScores {
        each = List.copyOf(each);
    }

    /** The scores of what a model said. */
    public static ClassScores of(ConfusionMatrix confusion) {
        int classes = confusion.classes();
        double total = confusion.total();
        List<Score> each = new ArrayList<>();
        List<Score> seen = new ArrayList<>();
        double right = 0;
        double crossed = 0;
        double saidSquared = 0;
        double trueSquared = 0;
        for (int c = 0; c < classes; c++) {
            int hits = confusion.count(c, c);
            int said = 0;
            int have = 0;
            for (int other = 0; other < classes; other++) {
                said += confusion.count(other, c);
                have += confusion.count(c, other);
            }
            Score score = Score.of(hits, said, have);
            each.add(score);
            if (said + have > 0) {
                seen.add(score);
            }
            right += hits;
            crossed += (double) said * have;
            saidSquared += (double) said * said;
            trueSquared += (double) have * have;
        }
        double matthews = share(right * total - crossed,
                Math.sqrt((total * total - saidSquared) * (total * total - trueSquared)));
        return new ClassScores(each, Score.mean(seen, _ -> 1), Score.mean(seen, Score::support), matthews);
    }

    private static double share(double part, double of) {
        return of == 0 ? 0 : part / of;
    }
}
