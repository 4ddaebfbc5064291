package dev.lorikeet.tensor;

/**
 * Counter-based random numbers: number i of a key is a function of (key, i), so that any part of a stream can be
 * computed anywhere, in any order, and again. The generator is SplitMix64's output function (Steele et al. 2014) on key
 * + i·γ.
 */
public final class Random {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Random() {}

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The key of a stream, for example of (seed, step, operation): different parts give unrelated streams. */
    public static long key(long seed, long... parts) {
        long key = mix(seed + GOLDEN);
        for (long part : parts) {
            key = mix(mix(key) ^ mix(part + GOLDEN)); // mixed twice and once: ^ alone would let them change places
        }
        return key;
    }

    /** A key from a name, for example a parameter's path, so that it does not depend on the order of creation. */
    public static long key(long seed, String name) {
        long[] parts = name.chars().asLongStream().toArray();
        return key(seed, parts);
    }

    /** 64 random bits: number {@code i} of the stream. */
    public static long bits(long key, long i) {
        return mix(key + GOLDEN * (i + 1));
    }

    /** Uniform in [0, 1), a multiple of 2^-24. */
    public static float uniform(long key, long i) {
        return (bits(key, i) >>> 40) * 0x1p-24f;
    }

    /** Uniform in [-bound, bound). */
    public static void fillUniform(Tensor x, float bound, long key) {
        for (int i = 0; i < x.size(); i++) {
            x.data()[x.offset() + i] = (2 * uniform(key, i) - 1) * bound;
        }
    }

    /** Normal with mean 0 (Box and Muller 1958, by {@link StrictMath}, so that the bits are the same everywhere). */
    public static void fillNormal(Tensor x, float deviation, long key) {
        for (int i = 0; i < x.size(); i++) {
            double radius = Math.sqrt(-2 * StrictMath.log(((bits(key, 2L * i) >>> 11) + 1) * 0x1p-53));
            double angle = 2 * Math.PI * (bits(key, 2L * i + 1) >>> 11) * 0x1p-53;
            x.data()[x.offset() + i] = (float) (deviation * radius * StrictMath.cos(angle));
        }
    }

    /** A random order of 0 … n-1 (Fisher and Yates, Durstenfeld 1964). */
    public static int[] permutation(int n, long key) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = (int) Math.unsignedMultiplyHigh(bits(key, i), i + 1L);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
