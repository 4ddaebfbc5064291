package dev.lorikeet.transformer.training;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every step, every epoch and every validation of a run.
 *
 * @param validations in their order: those of the epochs, and those between; empty where there were no examples for it
 */
public record TrainingResult(List<Step> steps, List<Epoch> epochs, List<Validation> validations) {
    public TrainingResult {
        steps = List.copyOf(steps);
        epochs = List.copyOf(epochs);
        validations = List.copyOf(validations);
    }

    /**
     * The best validation, the first of equals, whose parameters the model has where {@link Trainer#keepBest} asked for
     * it; null where there is none: nothing was evaluated, nothing but NaN came out, or the run has ended before the
     * model was {@linkplain Update#settledAfter settled}.
     */
    public @Nullable Validation best() {
        return best(validations);
    }

    static @Nullable Validation best(List<Validation> validations) {
        Validation best = null;
        for (Validation validation : validations) {
            best = validation.best() ? validation : best;
        }
        return best;
    }

    /** Whether the run has ended before its last step: by {@link Trainer#patience}, or by a listener. */
    public boolean endedEarly() {
        return steps.isEmpty() || steps.size() < steps.getLast().steps();
    }

    /** The test accuracy after the last epoch, in [0, 1]. */
    public double accuracy() {
        return epochs.getLast().test().accuracy();
    }
}
