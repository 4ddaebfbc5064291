package dev.lorikeet.transformer.training;

/**
 * Examples that are computed together, a part of an update.
 *
 * @param examples their numbers
 * @param key of the random numbers: of seed, step and micro-batch
 */
public record MicroBatch(int[] examples, long key) {}
