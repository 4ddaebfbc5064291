package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.Schedule;
import java.util.Locale;

/** The schedules of a run by their names in transformers' {@code lr_scheduler_type}, with its defaults. */
public enum ScheduleType {
    /** 1 throughout, without warm-up. */
    CONSTANT,
    /** 1 after the warm-up. */
    CONSTANT_WITH_WARMUP,
    /** On a straight line down to 0. */
    LINEAR,
    /** On half a wave of the cosine down to 0. */
    COSINE,
    /** As {@link #COSINE}, of one cycle: the two differ at the very end. */
    COSINE_WITH_RESTARTS,
    /** On a straight line down to 1e-4: transformers' power 1 and, at a peak rate of 1e-3, its last rate of 1e-7. */
    POLYNOMIAL,
    /** As one over the root of the step. */
    INVERSE_SQRT;

    /** The name in transformers, for example {@code cosine_with_restarts}. */
    public String huggingFaceName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The schedule of a run of {@code total} steps, of which the first {@code warmup} rise. */
    public Schedule of(int warmup, int total) {
        return switch (this) {
            case CONSTANT -> Schedule.constant();
            case CONSTANT_WITH_WARMUP -> Schedule.constantWithWarmup(warmup);
            case LINEAR -> Schedule.linear(warmup, total);
            case COSINE -> Schedule.cosine(warmup, total);
            case COSINE_WITH_RESTARTS -> Schedule.cosineWithRestarts(warmup, total, 1);
            case POLYNOMIAL -> Schedule.polynomial(warmup, total, 1, 1e-4);
            case INVERSE_SQRT -> Schedule.inverseSquareRoot(warmup);
        };
    }
}
