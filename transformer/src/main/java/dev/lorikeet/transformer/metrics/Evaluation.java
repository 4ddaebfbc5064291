package dev.lorikeet.transformer.metrics;

/**
 * What a classifier made of a data set.
 *
 * @param loss the mean cross-entropy, in nats
 */
public record Evaluation(ConfusionMatrix confusion, double loss) {
    /** The share of right answers, in [0, 1]. */
    public double accuracy() {
        return confusion.accuracy();
    }
}
