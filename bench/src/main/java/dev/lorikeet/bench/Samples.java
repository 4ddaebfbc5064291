package dev.lorikeet.bench;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.ScalarKernels;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.VectorKernels;
import dev.lorikeet.tensor.Workers;

/** What the benchmarks work on and with. */
final class Samples {
    private Samples() {}

    /** Normal numbers; those of one key are always the same. */
    static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, key);
        return tensor;
    }

    /** One thread with kernels {@code scalar} or {@code vector}. */
    static Compute compute(String kernels) {
        return new Compute(kernels.equals("scalar") ? new ScalarKernels() : new VectorKernels(), new Workers(1));
    }
}
