package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Random;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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

    /** The examples of each micro-batch of {@code epoch}, counted from 0; the last may be smaller. */
    public List<int[]> epoch(int epoch, int examples, int batchSize) {
        return batches(Random.permutation(examples, Random.key(Random.key(seed, order), epoch + first)), batchSize);
    }

    /** The key of a micro-batch, counted from 0. */
    public long key(int microBatch) {
        return Random.key(Random.key(seed, keys), microBatch + first);
    }

    /** The examples in {@code order}, cut into batches of {@code size}; the last may be smaller. */
    static List<int[]> batches(int[] order, int size) {
        return IntStream.range(0, Math.ceilDiv(order.length, size))
                .mapToObj(b -> Arrays.copyOfRange(order, b * size, Math.min(order.length, (b + 1) * size))).toList();
    }

    /** The examples as they stand, in batches. */
    static List<int[]> batches(int examples, int size) {
        return batches(IntStream.range(0, examples).toArray(), size);
    }
}
