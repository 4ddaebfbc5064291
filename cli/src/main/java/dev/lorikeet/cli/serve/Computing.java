package dev.lorikeet.cli.serve;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Threads of the system for what computes: on virtual ones it would keep all others, such as of /health, waiting. */
final class Computing implements AutoCloseable {
    private final ExecutorService threads;

    /** @param most how many compute at once */
    Computing(int most) {
        threads = Executors.newFixedThreadPool(most, Thread.ofPlatform().daemon().name("compute-", 0).factory());
    }

    /**
     * What {@code work} gives.
     *
     * @param timeout how long to wait for it
     * @throws Refusal if that is too short
     */
    <T> T call(Supplier<T> work, Duration timeout) {
        Future<T> future = threads.submit(work::get);
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            future.cancel(false); // one that has begun is let be
            throw Refusal.tooLate();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.ending();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException fault -> throw fault;
                case Error fault -> throw fault;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
