package dev.lorikeet.lora.merge;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.util.Arrays;

/** Which entries of a tensor are kept before tensors are put together; the others become zero. */
public sealed interface Pruning {
    /** All. */
    record Nothing() implements Pruning {}

    /**
     * The largest by magnitude (Yadav et al. 2023, section 3.1).
     *
     * @param density the share that is kept: ⌊density·n⌋ of n entries, of equal ones the first
     */
    record Magnitude(double density) implements Pruning {
        /** @throws InputException if the density is not in (0, 1] */
        public Magnitude {
            requireDensity(density);
        }
    }

    /**
     * Any, each with the probability {@code density}, divided by that: on average nothing changes (DARE, Yu et al.
     * 2024, section 3.2).
     */
    record AtRandom(double density, long seed) implements Pruning {
        /** @throws InputException if the density is not in (0, 1] */
        public AtRandom {
            requireDensity(density);
        }
    }

    /**
     * A new tensor with what is kept.
     *
     * @param key of the tensor's random numbers, beside the seed
     */
    default Tensor prune(Tensor x, long key) {
        return switch (this) {
            case Nothing _ -> x.copy();
            case Magnitude magnitude -> largest(x, (int) (magnitude.density * x.size()));
            case AtRandom random -> someOf(x, random.density, Random.key(random.seed, key));
        };
    }

    private static Tensor largest(Tensor x, int count) {
        Tensor kept = Tensor.zeros(x.shape());
        // the bits of a magnitude grow with it; the index below makes every entry another one
        long[] ranked = new long[x.size()];
        for (int i = 0; i < ranked.length; i++) {
            ranked[i] = (long) Float.floatToIntBits(Math.abs(x.data()[x.offset() + i])) << 32 | (Integer.MAX_VALUE - i);
        }
        Arrays.parallelSort(ranked);
        for (int k = ranked.length - count; k < ranked.length; k++) {
            int i = Integer.MAX_VALUE - (int) ranked[k];
            kept.data()[i] = x.data()[x.offset() + i];
        }
        return kept;
    }

    private static Tensor someOf(Tensor x, double density, long key) {
        Tensor kept = Tensor.zeros(x.shape());
        for (int i = 0; i < x.size(); i++) {
            if (Random.uniform(key, i) < density) {
                kept.data()[i] = (float) (x.data()[x.offset() + i] / density);
            }
        }
        return kept;
    }

    private static void requireDensity(double density) {
        if (!(density > 0 && density <= 1)) {
            throw new InputException("density: must be in (0, 1], not " + density);
        }
    }
}
