package dev.lorikeet.tensor;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of daemon threads that splits work into numbered tasks.
 *
 * <p>The caller works too. Tasks are cut by the shape of the work, never by the number of threads, and each writes its
 * own part of the result, so that the bits do not depend on who ran what. A thread begins with the same part of the
 * tasks in every run, since its cache may hold what it wrote there in the last one, and then takes over what others
 * have not begun. A call from within a task, or while another thread holds the team, runs in place. Nobody waits for a
 * thread that has no task: on a busy machine the caller does alone what the others come too late for.
 */
public final class Workers {
    /** One numbered part of the work. */
    @FunctionalInterface
    public interface Part {
        void run(int index);
    }

    /** About a millisecond: longer than what a step does between two calls. */
    private static final int SPINS = 20_000;
    /** Longs from one thread's share to the next, so that no two lie in one line of a cache, or in a pair of them. */
    private static final int APART = 16;

    private final Member[] team;
    /** The number of the last run. */
    private volatile int run;
    /** For each thread the number of the run in the upper half; in the lower half its tasks that nobody has begun. */
    private final AtomicLongArray shares;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile @Nullable Part task;
    private volatile int tasks;
    private volatile @Nullable Throwable failure;

    /** @param threads the number of threads that work, the caller included; at least 1 */
    public Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: at least 1 expected, not " + threads);
        }
        shares = new AtomicLongArray(threads * APART);
        team = new Member[threads - 1];
        for (int i = 0; i < team.length; i++) {
            team[i] = new Member(i + 1);
            team[i].start();
        }
    }

    public int threads() {
        return team.length + 1;
    }

    /**
     * Runs {@code task} for 0 … {@code count} - 1 in any order and returns when all are done; a failure is thrown.
     */
    public void run(int count, Part task) {
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
            done.set(0);
            int next = run + 1;
            for (int i = 0; i < threads(); i++) { // publishes the fields above
                shares.set(i * APART, (long) next << 32 | first(i + 1, count) - first(i, count));
            }
            run = next;
            for (Member member : team) {
                member.wake();
            }
            work(0);
            for (int spin = 0; done.get() < count; spin++) {
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

    /** The first of a thread's own tasks. */
    private int first(int thread, int count) {
        return (int) ((long) count * thread / threads());
    }

    private void work(int thread) {
        for (int i = 0; i < threads(); i++) {
            workOff((thread + i) % threads());
        }
    }

    /** Does tasks of a thread's part while there are any. */
    private void workOff(int owner) {
        int at = owner * APART;
        for (long seen = shares.get(at); (int) seen > 0; seen = shares.get(at)) {
            Part current = task;
            int index = first(owner + 1, tasks) - (int) seen;
            // where it is set, the run is still that of both fields
            if (shares.compareAndSet(at, seen, seen - 1) && current != null) {
                try {
                    current.run(index);
                } catch (RuntimeException | Error e) { // run() throws it in the caller's thread
                    failure = e;
                    for (int i = 0; i < threads(); i++) { // nobody begins the rest
                        done.addAndGet((int) shares.getAndUpdate(i * APART, state -> state >>> 32 << 32));
                    }
                }
                done.incrementAndGet();
            }
        }
    }

    /** One of the team: spins for a while for the next run, then sleeps. */
    private final class Member extends Thread {
        private final int number;
        private volatile boolean asleep;

        Member(int number) {
            super("lorikeet-worker-" + number);
            this.number = number;
            setDaemon(true);
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            for (int seen = 0;;) {
                for (int spin = 0; run == seen; spin++) {
                    if (spin < SPINS) {
                        Thread.onSpinWait();
                    } else {
                        asleep = true; // before the last look: whoever opens a run after it sees this
                        if (run == seen) {
                            LockSupport.park(Workers.this);
                        }
                        asleep = false;
                    }
                }
                seen = run;
                work(number);
            }
        }
    }
}
