package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;

/**
 * What computes. The processor always takes part, with its {@link #kernels} and {@link #workers}; what a device takes
 * over are the layers whose weight is frozen, which {@link #take} gives it.
 */
public interface Compute extends AutoCloseable {
    /** For people, for example {@code vector 512}. */
    String name();

    /** Whether all results have the bits of {@link dev.lorikeet.tensor.kernel.ScalarKernels}. */
    boolean exact();

    /** The inner loops on the processor. */
    Kernels kernels();

    /** The processor's threads. */
    Workers workers();

    /**
     * Takes a weight over, rounded to {@code format}; the tensor is not needed afterwards.
     *
     * @param weight (out, in)
     * @param format one that is not a GGUF block format
     * @throws IllegalArgumentException if the format cannot be made here, or cannot hold a weight
     */
    FrozenMatrix take(Tensor weight, WeightFormat format);

    /**
     * Takes a weight over as a file has it: row by row, little-endian. The memory may be unmapped afterwards.
     *
     * @param rows W (out, in)
     * @param format any but {@link WeightFormat#INT8}
     * @throws IllegalArgumentException if a row is no whole number of blocks, or {@code rows} is not as long as they
     *     are
     */
    FrozenMatrix take(MemorySegment rows, WeightFormat format, int out, int in);

    /** Gives back what computes; nothing may use it any more. */
    @Override
    void close();
}
