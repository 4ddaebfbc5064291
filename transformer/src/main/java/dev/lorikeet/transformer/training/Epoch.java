package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.metrics.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * A finished pass over the training examples.
 *
 * @param epoch from 1 to epochs
 * @param trainLoss the mean of the steps' losses, in nats
 * @param evaluation of the held-out examples afterwards; null where there are none
 * @param trainSeconds spent in the steps, without the evaluation
 * @param tokens trained on
 */
public record Epoch(int epoch, int epochs, double trainLoss, @Nullable Evaluation evaluation, double trainSeconds,
        long tokens) {
    /**
     * The held-out examples afterwards.
     *
     * @throws IllegalStateException if there are none
     */
    public Evaluation test() {
        Evaluation test = evaluation;
        if (test == null) {
            throw new IllegalStateException("epoch " + epoch + ": there were no examples to evaluate");
        }
        return test;
    }
}
