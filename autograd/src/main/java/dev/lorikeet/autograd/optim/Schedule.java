package dev.lorikeet.autograd.optim;

/** The factor on the learning rate at each step, from 0 on, as Hugging Face's {@code get_scheduler} defines them. */
@FunctionalInterface
public interface Schedule {
    double factor(int step);

    /** 1 throughout. */
    static Schedule constant() {
        return step -> 1;
    }

    /** Up from 0 over {@code warmup} steps, then down to 0 at step {@code total}, both on straight lines. */
    static Schedule linear(int warmup, int total) {
        return step -> step < warmup ? (double) step / Math.max(1, warmup)
                : Math.max(0, (double) (total - step) / Math.max(1, total - warmup));
    }
}
