package dev.lorikeet.autograd.optim;

/**
 * The factor on the learning rate at each step, from 0 on, as Hugging Face's {@code get_scheduler} defines them. All
 * but the first rise from 0 on a straight line over {@code warmup} steps.
 */
@FunctionalInterface
public interface Schedule {
    double factor(int step);

    /** 1 throughout. */
    static Schedule constant() {
        return step -> 1;
    }

    /** 1 after the warm-up. */
    static Schedule constantWithWarmup(int warmup) {
        return after(warmup, step -> 1);
    }

    /** On a straight line down to 0 at step {@code total}. */
    static Schedule linear(int warmup, int total) {
        return after(warmup, step -> Math.max(0, (double) (total - step) / Math.max(1, total - warmup)));
    }

    /** Half a wave of the cosine, from 1 down to 0 at step {@code total} (Loshchilov and Hutter 2017, equation 5). */
    static Schedule cosine(int warmup, int total) {
        return cosine(warmup, total, 0.5);
    }

    /** {@code cycles} waves of the cosine, between 1 and 0. */
    static Schedule cosine(int warmup, int total, double cycles) {
        return after(warmup, step -> halfWave(2 * cycles * progress(step, warmup, total)));
    }

    /**
     * {@code cycles} times from 1 down to 0 on half a wave of the cosine, with hard restarts; 0 from {@code total} on.
     */
    static Schedule cosineWithRestarts(int warmup, int total, int cycles) {
        return after(warmup, step -> {
            double progress = progress(step, warmup, total);
            return progress >= 1 ? 0 : halfWave(cycles * progress % 1);
        });
    }

    /**
     * Down to {@code end} at step {@code total} as a power of what remains, and there from then on.
     *
     * @param end the last factor: transformers' {@code lr_end} over the peak rate
     */
    static Schedule polynomial(int warmup, int total, double power, double end) {
        return after(warmup, step -> step > total ? end
                : (1 - end) * StrictMath.pow(1 - progress(step, warmup, total), power) + end);
    }

    /** Down as 1/√step, from the end of the warm-up on; without warm-up as 1/√(1 + step/10000). */
    static Schedule inverseSquareRoot(int warmup) {
        return inverseSquareRoot(warmup, warmup == 0 ? 10_000 : warmup);
    }

    /** Down as 1/√(1 + s/timescale), where s counts steps from the end of the warm-up on. */
    static Schedule inverseSquareRoot(int warmup, int timescale) {
        return after(warmup, step -> 1 / Math.sqrt((double) (step + timescale - warmup) / timescale));
    }

    /** The steps of a warm-up over a share of {@code total}, rounded up, as transformers' {@code warmup_ratio}. */
    static int warmup(double ratio, int total) {
        return (int) Math.ceil(ratio * total);
    }

    private static Schedule after(int warmup, Schedule then) {
        return step -> step < warmup ? (double) step / Math.max(1, warmup) : then.factor(step);
    }

    /** From 0 at the end of the warm-up to 1 at {@code total}. */
    private static double progress(int step, int warmup, int total) {
        return (double) (step - warmup) / Math.max(1, total - warmup);
    }

    private static double halfWave(double progress) {
        return Math.max(0, 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
    }
}
