package dev.lorikeet.transformer.training;

/** Hears of a run's progress, in the thread that trains: what it does takes time from the run. */
public interface TrainingListener {
    /**
     * Training is about to begin.
     *
     * @param steps of the whole run
     * @param tokensPerEpoch in the training examples
     */
    default void started(int steps, long tokensPerEpoch) {}

    default void stepDone(Step step) {}

    default void epochDone(Epoch epoch) {}
}
