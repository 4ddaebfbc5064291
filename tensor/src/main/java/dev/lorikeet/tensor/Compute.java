package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

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

    /**
     * Computes y = down(f(up(x))), or y = down(f(gate(x))·up(x)): a block whose wide middle nobody else reads, so that
     * a device can keep it.
     *
     * @param room the memory for what is kept for the way back, and in between
     * @param x (rows, in)
     * @param y (rows, out), overwritten
     * @param train whether {@link FeedForward#backward} will be asked
     * @return what the way back needs, which reads x, y and the block again; null where not {@code train}
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    @Nullable
    FeedForward feedForward(Room room, Tensor x, FeedForward.Block block, Tensor y, boolean train);

    /** Gives back what computes; nothing may use it any more. */
    @Override
    void close();
}
