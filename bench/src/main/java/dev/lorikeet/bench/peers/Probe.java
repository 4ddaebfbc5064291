package dev.lorikeet.bench.peers;

import dev.lorikeet.tensor.Workers;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * An integer loop, timed on each thread in use: on a machine that others share it flips between two speeds, most likely
 * with somebody on the same core's other hardware thread, and products lose more than it does.
 */
final class Probe implements IntToDoubleFunction {
    private static final int ROUNDS = 100_000;

    private final Map<Integer, Workers> teams = new HashMap<>();
    private final Map<Integer, Double> best = new HashMap<>();
    /** So that nothing is left out. */
    private volatile long end;

    /** How many times as long as ever before the slowest of so many threads takes; 1 where it was never faster. */
    @Override
    public double applyAsDouble(int threads) {
        double[] nanos = new double[threads];
        teams.computeIfAbsent(threads, Workers::new).run(threads, part -> nanos[part] = nanos());
        double slowest = Arrays.stream(nanos).max().orElseThrow();
        return slowest / best.merge(threads, slowest, Math::min);
    }

    private double nanos() {
        long start = System.nanoTime();
        long x = start | 1;
        for (int i = 0; i < ROUNDS; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        end = x;
        return System.nanoTime() - start;
    }
}
