package dev.lorikeet.transformer.training;

/**
 * A finished step of training.
 *
 * @param step from 1 to steps
 * @param epoch from 1 on
 * @param steps of the whole run
 * @param loss the mean cross-entropy of its examples before the update, in nats
 * @param gradientNorm the norm of all gradients together before they were clipped; NaN where they are not
 * @param rate the factor on the learning rates, in [0, 1]
 * @param tokens in its batches
 * @param seconds this step took
 */
public record Step(int step, int epoch, int steps, double loss, double gradientNorm, double rate, int tokens,
        double seconds) {}
