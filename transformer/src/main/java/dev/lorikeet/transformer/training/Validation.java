package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.metrics.Evaluation;

/**
 * What the model made of the held-out examples at some time of its run.
 *
 * @param step after which
 * @param epoch that of the step, from 1 on
 * @param best whether it was the best so far: its {@link Evaluation#main} is better than that of each one before, and
 *     the model was {@linkplain Update#settledAfter settled}
 */
public record Validation(int step, int epoch, Evaluation evaluation, boolean best) {}
