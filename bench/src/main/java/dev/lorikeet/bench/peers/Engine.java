package dev.lorikeet.bench.peers;

import org.jspecify.annotations.Nullable;

/** Something that computes: ours, or a native library. */
public interface Engine extends AutoCloseable {
    String name();

    /** Version and the kernels it chose on this processor, in its own words where it says so. */
    String kernel();

    /**
     * Makes everything ready: data, threads, plans. The clock runs in {@link Task#run} alone.
     *
     * @return null where this engine does not do such work
     */
    @Nullable
    Task prepare(Work work, int threads);

    /** The processor time, in milliseconds, that a process of its own has used; 0 if it has none. */
    default long processorTime() {
        return 0;
    }

    @Override
    default void close() {}
}
