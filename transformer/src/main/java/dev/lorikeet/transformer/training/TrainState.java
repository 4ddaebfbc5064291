package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * All that decides how a run goes on: with the same data, settings and base model, a run that is resumed from it has
 * the bits of one that was never interrupted. Taken between updates.
 *
 * @param done what the run has told so far: every step, and every epoch that is over
 * @param parameters the values of what is trained, in the order of {@link Trainable#parameters}
 * @param bestParameters their values at the {@linkplain TrainingResult#best best validation}; empty before one, and
 *     where it is not kept
 * @param optimizers the state of the {@link Update}, by its names
 */
public record TrainState(TrainingResult done, List<Tensor> parameters, List<Tensor> bestParameters,
        Map<String, OptimizerState> optimizers) {
    public TrainState {
        parameters = List.copyOf(parameters);
        bestParameters = List.copyOf(bestParameters);
        optimizers = Map.copyOf(optimizers);
    }

    /** How many updates have been done. */
    public int updates() {
        return done.steps().size();
    }
}
