package dev.lorikeet.bench.peers;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;

/** The same data in every process. */
public final class Inputs {
    private static final float BOUND = 3;

    private Inputs() {}

    /** Uniform in ±3: what exp, tanh and GELU meet in a model. */
    public static float[] uniform(int key, int size) {
        float[] x = new float[size];
        Random.fillUniform(Tensor.of(x, size), BOUND, key);
        return x;
    }
}
