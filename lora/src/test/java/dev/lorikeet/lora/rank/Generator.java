package dev.lorikeet.lora.rank;

import dev.lorikeet.tensor.Tensor;

/** The generator of the recorded cases' numbers, as the README beside them gives it. */
final class Generator {
    static final int PARAMETER = 1;
    static final int GRADIENT = 2;
    static final int INPUT = 3;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Generator() {}

    private static long mix(long bits) {
        long z = bits;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    static long stream(long seed, int kind, int step, int tensor) {
        long key = seed;
        for (int part : new int[] {kind, step, tensor}) {
            key = mix(key + GOLDEN * (part + 1));
        }
        return key;
    }

    static float unit(long stream, int i) {
        return ((mix(stream + GOLDEN * (i + 1)) >>> 40) - (1 << 23)) * 0x1p-23f;
    }

    static Tensor units(long stream, float factor, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.data()[i] = factor * unit(stream, i);
        }
        return tensor;
    }
}
