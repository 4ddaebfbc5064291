package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the training of some parameters asks for beside following their gradients: AdaLoRA's allocation of ranks, say.
 * The parameters {@linkplain Parameter#duty know} it, so that whoever trains them does it: an optimizer after each
 * update, and whoever makes the loss by adding the penalty.
 */
public interface TrainingDuty {
    /**
     * A run begins.
     *
     * @param steps of the whole run
     * @throws RuntimeException if the run is not one for which this was set up
     */
    void begin(int steps);

    /** What the loss of each update has to have added to it: a scalar (1), or null for nothing. */
    @Nullable
    Variable penalty(Tape tape);

    /**
     * The parameters have been updated, and still have the gradients of this step.
     *
     * @throws IllegalStateException if the penalty was left out, or no run has begun
     */
    void afterStep();

    /**
     * The run is over.
     *
     * @param early whether it was ended before its last step
     * @throws IllegalStateException if what this is there for has not happened, although it was not
     */
    void end(boolean early);

    /** A copy of what the next steps depend on, by names that are this duty's own; empty if on nothing. */
    Map<String, Tensor> state();

    /**
     * Takes up where one with this state was.
     *
     * @param state with the names and shapes of {@link #state}, possibly among others
     */
    void restore(Map<String, Tensor> state);
}
