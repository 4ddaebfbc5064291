package dev.lorikeet.transformer.training;

import java.util.function.Supplier;

/** Hears of a run's progress, in the thread that trains: what it does takes time from the run. */
public interface TrainingListener {
    /**
     * Training is about to begin.
     *
     * @param course of the whole run
     */
    default void started(Course course) {}

    default void stepDone(Step step) {}

    /**
     * Whether the run is to end after this step. What it has done is evaluated then as after a whole epoch.
     *
     * @param state where the run is, for {@link Trainer#resume}; asked, it makes a copy
     */
    default boolean endsAfter(Step step, Supplier<TrainState> state) {
        return false;
    }

    /** The held-out examples were evaluated, in an epoch or at its end. */
    default void validated(Validation validation) {}

    default void epochDone(Epoch epoch) {}
}
