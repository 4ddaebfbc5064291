package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Random;
import java.util.Arrays;

/**
 * The examples in the order of an epoch, a window of them at a time. Where a window has room for all, any order is as
 * likely as any other. Else the examples are cut into chunks of neighbours; a window takes chunks from all over the
 * data, at random, and shuffles what is in them: so that what is far larger than the memory is read a chunk at a time.
 *
 * @param examples how many there are
 * @param window how many of them are shuffled together, at least 1
 */
record Shuffle(Draws draws, int examples, int window) {
    /** So many chunks are in a window at least, */
    private static final int MIXED = 16;
    /** and so many examples in a chunk at most: some pages of a file. */
    private static final int MOST = 1024;

    /** How many windows an epoch has. */
    int windows() {
        return examples <= window ? 1 : Math.ceilDiv(chunks(), window / chunk());
    }

    private int chunk() {
        return Math.clamp(window / MIXED, 1, MOST);
    }

    private int chunks() {
        return Math.ceilDiv(examples, chunk());
    }

    /** The examples of a window of an epoch, both counted from 0, in their order. */
    int[] order(int epoch, int number) {
        long key = draws.epoch(epoch);
        if (examples <= window) {
            return Random.permutation(examples, key);
        }
        int each = window / chunk();
        int[] chunks = Random.permutation(chunks(), Random.key(key, "chunks"));
        int[] own = new int[each * chunk()];
        int size = 0;
        for (int i = number * each; i < Math.min(chunks.length, (number + 1) * each); i++) {
            int first = chunks[i] * chunk();
            for (int example = first; example < Math.min(examples, first + chunk()); example++) {
                own[size++] = example;
            }
        }
        int[] order = Random.permutation(size, Random.key(key, number));
        Arrays.setAll(order, i -> own[order[i]]);
        return order;
    }
}
