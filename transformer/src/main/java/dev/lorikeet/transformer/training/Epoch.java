package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.metrics.Evaluation;

/**
 * A finished pass over the training examples.
 *
 * @param epoch from 1 to epochs
 * @param trainLoss the mean of the steps' losses, in nats
 * @param test the test examples afterwards
 * @param trainSeconds spent in the steps, without the evaluation
 * @param tokens trained on
 */
public record Epoch(int epoch, int epochs, double trainLoss, Evaluation test, double trainSeconds, long tokens) {}
