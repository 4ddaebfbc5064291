package dev.lorikeet.tensor.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Knows which vector kernels C2 has compiled, and sees to it that it compiles those that are asked for: until it has,
 * each vector in them is an object, and they are a hundred times slower than scalar code. A daemon thread calls them
 * with small samples, which are what C2 counts, and sees by the time that they take when it is done. It ends when all
 * that were asked for are.
 */
final class WarmUp {
    /** A call of a kernel, which is compiled where that takes less than {@code nanos}. */
    record Sample(Runnable call, double nanos) {}

    /** After this time a kernel counts as compiled in any case: it is as slow as it will be. */
    private static final long PATIENCE = 20_000_000_000L;
    /** What C2 counts before it compiles: after so many calls it is, most likely, only a matter of waiting for it; */
    private static final int COUNTED = 700;
    /** after so many looks at whether it is done, of so many more calls. */
    private static final int LOOKS = 60;
    private static final int BATCH = 20;
    private static final int LOOK = 2;
    private static final long PAUSE = 2_000_000;

    private final IntFunction<Sample> samples;
    private final List<Asked> news = new ArrayList<>();
    private volatile long ready;
    private volatile long asked;
    private boolean running;

    /** @param samples of each kernel, by a number below 64 */
    WarmUp(IntFunction<Sample> samples) {
        this.samples = samples;
    }

    /** Whether all of {@code kernels}, a bit for each, are fast by now; those that are not will be. */
    boolean ready(long kernels) {
        long missing = kernels & ~ready;
        if (missing == 0) {
            return true;
        }
        if ((missing & ~asked) != 0) {
            ask(missing);
        }
        return false;
    }

    private synchronized void ask(long missing) {
        for (long rest = missing & ~asked; rest != 0; rest &= rest - 1) {
            int number = Long.numberOfTrailingZeros(rest);
            news.add(new Asked(number, samples.apply(number)));
        }
        asked |= missing;
        if (!running) {
            running = true;
            Thread thread = new Thread(this::run, "lorikeet-warm-up");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        boolean whole = false;
        try {
            watch();
            whole = true;
        } finally {
            if (!whole) { // a sample has failed, of which the handler of this thread tells
                giveUp();
            }
        }
    }

    /** Nobody waits for what will not come: a kernel that is slow is right all the same. */
    private synchronized void giveUp() {
        ready |= asked;
        news.clear();
        running = false;
    }

    private void watch() {
        List<Asked> open = new ArrayList<>();
        while (takeNews(open)) {
            long done = 0;
            boolean waits = true;
            for (Asked kernel : open) {
                done |= kernel.isFast() ? 1L << kernel.number : 0;
                waits &= kernel.isCounted();
            }
            if (done != 0) {
                long fast = done;
                open.removeIf(kernel -> (1L << kernel.number & fast) != 0);
                ready |= fast;
            }
            if (waits) {
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    private synchronized boolean takeNews(List<Asked> open) {
        open.addAll(news);
        news.clear();
        running = !open.isEmpty();
        return running;
    }

    /** A kernel that somebody waits for. */
    private static final class Asked {
        private final int number;
        private final Sample sample;
        private final long since = System.nanoTime();
        private int calls;

        Asked(int number, Sample sample) {
            this.number = number;
            this.sample = sample;
        }

        boolean isCounted() {
            return calls >= COUNTED;
        }

        boolean isFast() {
            int batch = isCounted() ? LOOK : BATCH;
            long start = System.nanoTime();
            for (int i = 0; i < batch; i++) {
                sample.call.run();
            }
            long end = System.nanoTime();
            calls = calls >= COUNTED + LOOKS * LOOK ? 0 : calls + batch;
            return end - start < batch * sample.nanos || end - since > PATIENCE;
        }
    }
}
