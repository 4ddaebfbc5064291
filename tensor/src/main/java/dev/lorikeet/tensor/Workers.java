package dev.lorikeet.tensor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of daemon threads that splits work into numbered tasks.
 *
 * <p>The caller works too. Tasks are cut by the shape of the work, never by the number of threads, and each writes its
 * own part of the result, so that the bits do not depend on who ran what. A call from within a task, or while another
 * thread holds the team, runs in place.
 */
public final class Workers {
    /** One numbered part of the work. */
    @FunctionalInterface
    public interface Task {
        void run(int index);
    }

    private static final int SPINS = 20_000;

    private final Thread[] team;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile int epoch;
    private volatile @Nullable Task task;
    private volatile @Nullable Throwable failure;
    private int tasks;

    /** @param threads the number of threads that work, the caller included; at least 1 */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: at least 1 expected, not " + threads);
        }
        team = new Thread[threads - 1];
        for (int i = 0; i < team.length; i++) {
            team[i] = new Thread(this::serve, "lorikeet-worker-" + (i + 1));
            team[i].setDaemon(true);
            team[i].start();
        }
    }

    public int threads() {
        return team.length + 1;
    }

    /**
     * Runs {@code task} for 0 … {@code count} - 1 in any order and returns when all are done; a failure is thrown.
     */
    public void run(int count, Task task) {
        if (team.length == 0 || count <= 1 || !taken.compareAndSet(false, true)) {
            for (int i = 0; i < count; i++) {
                task.run(i);
            }
            return;
        }
        Throwable thrown;
        try {
            this.tasks = count;
            this.task = task;
            failure = null;
            next.set(0);
            busy.set(team.length);
            epoch++; // publishes the fields above
            for (Thread thread : team) {
                LockSupport.unpark(thread);
            }
            work(task, count);
            for (int spin = 0; busy.get() > 0; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield(); // more threads than cores: let the worker have this one
                }
            }
            this.task = null;
            thrown = failure; // before the team is free: the next caller's failures are not this one's
        } finally {
            taken.set(false);
        }
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    private void work(Task task, int count) {
        try {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                task.run(i);
            }
        } catch (RuntimeException | Error e) { // run() throws it in the caller's thread
            failure = e;
            next.set(count);
        }
    }

    private void serve() {
        int seen = 0;
        while (true) {
            for (int spin = 0; epoch == seen; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            seen++;
            Task current = task;
            if (current != null) {
                work(current, tasks);
            }
            busy.decrementAndGet();
        }
    }
}
