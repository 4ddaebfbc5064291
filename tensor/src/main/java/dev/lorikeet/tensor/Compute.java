package dev.lorikeet.tensor;

import org.jspecify.annotations.Nullable;

/**
 * What computes: the kernels and the threads. Applications share one, {@link #shared()}; tests make their own to
 * compare.
 *
 * @param kernels the inner loops
 * @param workers the threads
 */
public record Compute(Kernels kernels, Workers workers) {
    /** The system property for the number of threads of {@link #shared()}; default: the cores of the machine. */
    public static final String THREADS_PROPERTY = "lorikeet.threads";

    /** More than any machine has: a slip of the keyboard would start threads until the system refuses. */
    private static final int MAX_THREADS = 1024;

    private static @Nullable Integer requestedThreads;
    private static volatile @Nullable Compute shared;

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
    public static Compute shared() {
        Compute compute = shared;
        return compute != null ? compute : start();
    }

    private static synchronized Compute start() {
        Compute compute = shared;
        if (compute == null) {
            Integer asked = requestedThreads;
            compute = new Compute(KernelChoice.made().kernels(), new Workers(asked != null ? asked : threads()));
            shared = compute;
        }
        return compute;
    }

    private static int threads() {
        String asked = System.getProperty(THREADS_PROPERTY);
        try {
            return asked != null ? Integer.parseInt(asked) : Runtime.getRuntime().availableProcessors();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("threads: a number expected, not " + asked, e);
        }
    }
}
