package dev.lorikeet.transformer.training;

/**
 * A finished step of training.
 *
 * @param step from 1 to steps
 * @param epoch from 1 on
 * @param steps of the whole run
 * @param loss the mean cross-entropy of the batch before the update, in nats
 * @param rate the factor on the learning rates, in [0, 1]
 * @param tokens in the batch
 * @param seconds this step took
 */
public record Step(int step, int epoch, int steps, double loss, double rate, int tokens, double seconds) {}
