package dev.lorikeet.cli.task;

import dev.lorikeet.tensor.Random;
import java.util.BitSet;
import java.util.stream.IntStream;

/** A part of examples in which each stratum has its share. */
final class Strata {
    private Strata() {}

    /** Of so many, chance alone gives each stratum its share. */
    private static final int MANY = 1 << 20;

    /**
     * Draws a share of all examples: shuffled, and then in the order of their strata, every so many-th of them, so that
     * no stratum gets one more or one less than its share; of a million, each by itself with this probability.
     *
     * @param strata of each example
     * @param share in (0, 1)
     * @param seed the same one draws the same examples
     */
    static BitSet draw(int[] strata, double share, long seed) {
        if (strata.length > MANY) {
            long key = Random.key(seed, "validation");
            BitSet drawn = new BitSet(strata.length);
            IntStream.range(0, strata.length).filter(i -> Random.uniform(key, i) < share).forEach(drawn::set);
            return drawn;
        }
        int[] order = IntStream.of(Random.permutation(strata.length, Random.key(seed, "validation"))).boxed()
                .sorted((one, other) -> Integer.compare(strata[one], strata[other])).mapToInt(i -> i).toArray();
        BitSet drawn = new BitSet(strata.length);
        for (int i = 0; i < order.length; i++) {
            if (Math.floor((i + 1) * share) > Math.floor(i * share)) {
                drawn.set(order[i]);
            }
        }
        return drawn;
    }
}
