package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Random;

/**
 * What is drawn at random in a run: the order of the examples in each epoch, and a key for each micro-batch. All of it
 * is a function of the seed and of numbers, so that a run can begin at any of them.
 *
 * @param seed of the run
 * @param order the name of the orders, another for each data set of a run
 * @param keys the name of the keys
 * @param first the number of the first epoch and of the first micro-batch
 */
public record Draws(long seed, String order, String keys, int first) {
    /** Those of plain training. */
    public static Draws training(long seed) {
        return new Draws(seed, "order", "step", 1);
    }

    /** Those of another part of a run. */
    public static Draws of(long seed, String name) {
        return new Draws(seed, name, name + " step", 0);
    }

    /** The key of the order of {@code epoch}, counted from 0. */
    long epoch(int epoch) {
        return Random.key(Random.key(seed, order), epoch + first);
    }

    /** The key of a micro-batch, counted from 0. */
    public long key(int microBatch) {
        return Random.key(Random.key(seed, keys), microBatch + first);
    }
}
