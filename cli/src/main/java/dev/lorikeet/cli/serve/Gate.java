package dev.lorikeet.cli.serve;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets so many requests compute at once and so many more wait, in the order in which they came. */
final class Gate {
    private final int places;
    private final int queue;
    private final Semaphore free;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * @param places how many compute at once
     * @param queue how many wait for that
     */
    Gate(int places, int queue) {
        this.places = places;
        this.queue = queue;
        this.free = new Semaphore(places, true);
    }

    /**
     * Waits for a place, which is given back by closing.
     *
     * @param timeout how long
     * @throws Refusal if too many wait already, or no place was free for so long
     */
    Place enter(Duration timeout) {
        if (!free.tryAcquire()) {
            if (waiting.incrementAndGet() > queue) {
                waiting.decrementAndGet();
                throw Refusal.busy(queue);
            }
            try {
                if (!free.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw Refusal.tooLate();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Refusal.ending();
            } finally {
                waiting.decrementAndGet();
            }
        }
        return free::release;
    }

    /** How many compute. */
    int inside() {
        return places - free.availablePermits();
    }

    /** How many wait. */
    int waiting() {
        return waiting.get();
    }

    /** A place in the gate. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }
}
