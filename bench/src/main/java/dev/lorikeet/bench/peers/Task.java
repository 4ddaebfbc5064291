package dev.lorikeet.bench.peers;

/** Work made ready. */
public interface Task extends AutoCloseable {
    /** Does it once. */
    void run();

    /** A number made from the whole result by {@link Digest}, so that engines can be compared; called after one run. */
    double digest();

    /** How long {@code times} runs take, in nanoseconds. */
    default long time(int times) {
        long start = System.nanoTime();
        for (int i = 0; i < times; i++) {
            run();
        }
        return System.nanoTime() - start;
    }

    @Override
    default void close() {}
}
