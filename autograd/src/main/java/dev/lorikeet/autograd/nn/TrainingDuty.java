package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the training of some parameters asks for beside following their gradients: AdaLoRA's allocation of ranks, say.
 * The parameters {@linkplain Parameter#duty know} it, so that whoever trains them does it: an optimizer around each
 * update, and whoever makes the loss by adding the penalty. What is not asked for is left to do nothing.
 */
public interface TrainingDuty {
    /**
     * A run begins.
     *
     * @param steps of the whole run
     * @throws RuntimeException if the run is not one for which this was set up
     */
    default void begin(int steps) {}

    /** What the loss of each update has to have added to it: a scalar (1), or null for nothing. */
    default @Nullable Variable penalty(Tape tape) {
        return null;
    }

    /** The parameters have the gradients of this step, clipped, and are about to be updated by them. */
    default void beforeStep() {}

    /**
     * The parameters have been updated, and still have the gradients of this step.
     *
     * @throws IllegalStateException if the penalty was left out, or no run has begun
     */
    default void afterStep() {}

    /**
     * After how many steps of a run that has begun the model has the form in which it ends: what it was before is not
     * to be compared with what it is then, as AdaLoRA's model with more ranks than it may keep. 0 for at once.
     */
    default int settledAfter() {
        return 0;
    }

    /**
     * The run is over.
     *
     * @param early whether it was ended before its last step
     * @throws IllegalStateException if what this is there for has not happened, although it was not
     */
    default void end(boolean early) {}

    /** A copy of what the next steps depend on, by names that are this duty's own; empty if on nothing. */
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /**
     * Takes up where one with this state was.
     *
     * @param state with the names of {@link #state}, possibly among others
     * @throws IllegalArgumentException if that is no state of this; nothing has changed then
     */
    default void restore(Map<String, Tensor> state) {}
}
