package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.Median;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;

/**
 * Measures in rounds: ours, A, B, C, ours, A, …, so that whatever slows the machine for a while slows them all. Each
 * engine's result is the median of its quiet rounds, in which nobody else was at work on its cores, where each engine
 * has enough of them; else of all.
 *
 * @param count of the rounds
 * @param burst the least time of one measurement, in nanoseconds: as many runs as that takes
 * @param warmUp the most time for warming up, in nanoseconds
 * @param pause between engines, in milliseconds; again and again while the idle threads of one still spin
 * @param end the {@link System#nanoTime} after which no further round begins
 * @param probe how many times as long as at best a loop takes on so many threads: more where others are at work
 */
record Rounds(int count, long burst, long warmUp, int pause, long end, IntToDoubleFunction probe) {
    private static final int STEADY = 4;
    private static final double BETTER = 0.98;
    private static final long FOR_EVER = 1L << 60;
    /** What the probe says at most where nobody else is at work. */
    private static final double QUIET = 1.1;
    /** Processor time is counted in steps of 10 ms: one of them is no spinning thread. */
    private static final long IDLE = 10;
    /** A library whose threads spin for ever is measured all the same. */
    private static final int MOST_PAUSES = 20;

    static Rounds full() {
        return new Rounds(9, 40_000_000, 2_000_000_000, 40, System.nanoTime() + FOR_EVER, new Probe());
    }

    /** @param seconds that it may take, from now on */
    static Rounds quick(long seconds) {
        return new Rounds(5, 10_000_000, 1_000_000_000, 25, System.nanoTime() + seconds * 1_000_000_000,
                new Probe());
    }

    boolean isOver() {
        return System.nanoTime() - end > 0;
    }

    /** An engine at work. */
    private record Runner(String name, Task task, int times, List<Sample> samples) {
        long quiet() {
            return samples.stream().filter(Sample::isQuiet).count();
        }

        /** @param quiet of quiet samples alone */
        double median(boolean quiet) {
            return Median.of(samples.stream().filter(sample -> !quiet || sample.isQuiet()).mapToDouble(Sample::nanos)
                    .toArray());
        }
    }

    /**
     * One measurement.
     *
     * @param nanos of a run
     * @param probe what it said before or after, the larger one
     */
    private record Sample(double nanos, double probe) {
        boolean isQuiet() {
            return probe <= QUIET;
        }
    }

    /**
     * What was measured.
     *
     * @param nanos the median time of a run of each engine that does the work, in the order of the engines
     * @param quiet how many of the samples of all engines were quiet: the medians are of these where each engine has
     *     half as many as there are rounds
     */
    record Measured(Map<String, Double> nanos, int quiet, int samples) {}

    /**
     * Measures each engine that does the work.
     *
     * @param problems hears of engines that fail, or whose result is not that of the first
     */
    Measured measure(List<Engine> engines, Work work, int threads, Consumer<String> problems) {
        List<Runner> runners = new ArrayList<>();
        double expected = Double.NaN;
        for (Engine engine : engines) {
            try {
                Task task = engine.prepare(work, threads);
                if (task != null) {
                    int times = warmUp(task, engine instanceof Remote ? 0 : warmUp / 2, work.warmUps() * warmUp);
                    expected = checked(engine, task, expected);
                    runners.add(new Runner(engine.name(), task, times, new ArrayList<>()));
                }
            } catch (EngineException e) {
                problems.accept(work.name() + ": " + e.getMessage());
            }
        }
        for (int round = 0; round < count || round < 2 * count && !isEnough(runners); round++) {
            if (round > 0 && isOver()) {
                break;
            }
            runners.removeIf(runner -> !sample(runner, engines, work, threads, problems));
        }
        boolean enough = isEnough(runners);
        Map<String, Double> medians = new LinkedHashMap<>();
        for (Runner runner : runners) {
            runner.task.close();
            medians.put(runner.name, runner.median(enough));
        }
        return new Measured(medians, runners.stream().mapToInt(runner -> (int) runner.quiet()).sum(),
                runners.stream().mapToInt(runner -> runner.samples.size()).sum());
    }

    private boolean isEnough(List<Runner> runners) {
        return runners.stream().allMatch(runner -> 2 * runner.quiet() >= count);
    }

    /** Measures once; false where the engine failed. */
    private boolean sample(Runner runner, List<Engine> engines, Work work, int threads, Consumer<String> problems) {
        rest(engines);
        try {
            runner.task.time(1); // wakes its threads, and its data into the cache
            double before = probe.applyAsDouble(threads);
            double nanos = (double) runner.task.time(runner.times) / runner.times;
            runner.samples.add(new Sample(nanos, Math.max(before, probe.applyAsDouble(threads))));
            return true;
        } catch (EngineException e) {
            problems.accept(work.name() + ": " + e.getMessage());
            return false;
        }
    }

    /**
     * Runs until several bursts in a row are no faster than before; gives the runs of a burst.
     *
     * @param least the least time, in nanoseconds: what C1 made is steady too, until C2 is done
     * @param most the most, after which no further burst begins
     */
    private int warmUp(Task task, long least, long most) {
        long start = System.nanoTime();
        int times = 1;
        double best = task.time(1);
        long passed = 0;
        for (int steady = 0; passed < most && (steady < STEADY || passed < least) && !isOver();) {
            double time = (double) task.time(times) / times;
            steady = time < BETTER * best ? 0 : steady + 1;
            best = Math.min(best, time);
            times = (int) Math.clamp(Math.ceil(burst / best), 1, 1_000_000);
            passed = System.nanoTime() - start;
        }
        return times;
    }

    private static double checked(Engine engine, Task task, double expected) {
        double digest = task.digest();
        if (!Double.isNaN(expected) && !Double.isNaN(digest) && !Digest.agree(expected, digest)) {
            task.close();
            throw new EngineException(engine.name() + ": another result, " + digest + " instead of " + expected);
        }
        return Double.isNaN(expected) ? digest : expected;
    }

    private void rest(List<Engine> engines) {
        try {
            long before = processorTime(engines);
            for (int pauses = 0; pauses < MOST_PAUSES; pauses++) {
                Thread.sleep(pause);
                long now = processorTime(engines);
                if (now - before <= IDLE) {
                    return;
                }
                before = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted");
        }
    }

    private static long processorTime(List<Engine> engines) {
        return engines.stream().mapToLong(Engine::processorTime).sum();
    }
}
