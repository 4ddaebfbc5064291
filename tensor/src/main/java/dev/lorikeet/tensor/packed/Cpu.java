package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The processor: kernels, threads, and frozen weights packed once. Applications share one, {@link #shared()}; tests
 * make their own to compare.
 *
 * @param kernels the inner loops
 * @param workers the threads
 */
public record Cpu(Kernels kernels, Workers workers) implements Compute {
    /** The system property for the number of threads of {@link #shared()}; default: the cores of the machine. */
    public static final String THREADS_PROPERTY = "lorikeet.threads";

    /** More than any machine has: a slip of the keyboard would start threads until the system refuses. */
    private static final int MAX_THREADS = 1024;

    private static @Nullable Integer requestedThreads;
    private static volatile @Nullable Cpu shared;

    /**
     * Asks for a number of threads before anything is computed, as {@code -Dlorikeet.threads} does.
     *
     * @throws IllegalArgumentException if {@code threads} is below 1 or above {@value #MAX_THREADS}
     * @throws IllegalStateException if the threads were already started
     */
    public static synchronized void requestThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: at least 1 expected, not " + threads);
        }
        if (threads > MAX_THREADS) {
            throw new IllegalArgumentException("threads: at most " + MAX_THREADS + " expected, not " + threads);
        }
        if (shared != null) {
            throw new IllegalStateException("threads: asked for " + threads + " after the threads were started");
        }
        requestedThreads = threads;
    }

    /** The kernels chosen by {@link KernelChoice} on the threads of this machine, started at the first call. */
    public static Cpu shared() {
        Cpu cpu = shared;
        return cpu != null ? cpu : start();
    }

    private static synchronized Cpu start() {
        Cpu cpu = shared;
        if (cpu == null) {
            Integer asked = requestedThreads;
            cpu = new Cpu(KernelChoice.made().kernels(), new Workers(asked != null ? asked : threads()));
            shared = cpu;
        }
        return cpu;
    }

    private static int threads() {
        String asked = System.getProperty(THREADS_PROPERTY);
        try {
            return asked != null ? Integer.parseInt(asked) : Runtime.getRuntime().availableProcessors();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("threads: a number expected, not " + asked, e);
        }
    }

    @Override
    public String name() {
        return kernels.name();
    }

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public FrozenMatrix take(Tensor weight, WeightFormat format) {
        return new PackedWeight(this, PackedMatrix.ofTransposed(kernels, weight, format).warm(kernels));
    }

    @Override
    public FrozenMatrix take(MemorySegment rows, WeightFormat format, int out, int in) {
        return new PackedWeight(this, PackedMatrix.ofTransposed(kernels, rows, format, out, in).warm(kernels));
    }

    @Override
    public @Nullable FeedForward feedForward(Room room, Tensor x, FeedForward.Block block, Tensor y, boolean train) {
        FrozenBlock pass = new FrozenBlock(this, block);
        pass.forward(room, x, y, train);
        return train ? pass : null;
    }

    /** Does nothing: the threads are daemons, and the shared processor is everybody's. */
    @Override
    public void close() {}
}
