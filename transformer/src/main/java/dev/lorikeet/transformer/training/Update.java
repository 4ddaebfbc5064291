package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.OptimizerState;
import java.util.List;
import java.util.Map;

/** One update of the weights: plain training's, or another, which may ask for gradients several times. */
public interface Update {
    /**
     * What an update did.
     *
     * @param loss the mean of its examples before it
     * @param gradientNorm of all gradients together before they were clipped; NaN where they are not
     */
    record Report(double loss, double gradientNorm) {}

    /** A run of so many updates begins, or goes on. */
    default void begin(int steps) {}

    /**
     * Does it.
     *
     * @param from what is trained on
     * @param step from 1 on
     * @param factor the schedule's, on the learning rates
     * @throws DivergedException if a loss is not finite
     */
    Report run(Gradients gradients, Trainable from, List<MicroBatch> parts, int step, double factor);

    /**
     * After how many steps of a run that has begun the model has the form in which it ends, so that what it is then can
     * be compared with what it will be; 0 for at once.
     */
    default int settledAfter() {
        return 0;
    }

    /** @param early whether the run was ended before its last update */
    default void end(boolean early) {}

    /** What the next updates depend on beside the weights, by names of its own. */
    Map<String, OptimizerState> state();

    /**
     * Takes up where one with this state was.
     *
     * @throws IllegalArgumentException if the state is that of another update
     */
    void restore(Map<String, OptimizerState> state);
}
