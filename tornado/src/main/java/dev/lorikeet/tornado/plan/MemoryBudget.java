package dev.lorikeet.tornado.plan;

/** The memory of a device, counted before anything is sent. Thread-safe. */
public final class MemoryBudget {
    private final long limit;
    private long used;

    /** @param limit in bytes */
    public MemoryBudget(long limit) {
        this.limit = limit;
    }

    /** Takes {@code bytes} if they are free; else nothing changes. */
    public synchronized boolean take(long bytes) {
        if (bytes > limit - used) {
            return false;
        }
        used += bytes;
        return true;
    }

    /** Gives back what {@link #take} took. */
    public synchronized void give(long bytes) {
        if (bytes > used) {
            throw new IllegalStateException("device memory: " + bytes + " bytes given back of " + used);
        }
        used -= bytes;
    }

    public synchronized long used() {
        return used;
    }

    public long limit() {
        return limit;
    }

    /** What is asked for and what there is, for a message. */
    public String refusal(long bytes) {
        return "needs " + megabytes(bytes) + " MB of the device's memory, of which " + megabytes(limit - used())
                + " of " + megabytes(limit) + " MB are free";
    }

    private static long megabytes(long bytes) {
        return Math.ceilDiv(bytes, 1 << 20);
    }
}
