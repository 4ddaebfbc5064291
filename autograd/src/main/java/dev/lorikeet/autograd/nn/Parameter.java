package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A leaf that belongs to a {@link Module}; frozen parameters get no gradient. New parameters are frozen. */
public final class Parameter extends Variable {
    private @Nullable TrainingDuty duty;

    public Parameter(Tensor value) {
        super(value, false);
    }

    /** Stops training this parameter and drops its gradient. */
    public void freeze() {
        requireGradient(false);
    }

    /** Lets gradients reach this parameter. */
    public void unfreeze() {
        requireGradient(true);
    }

    /** What whoever trains this parameter has to do beside; null for nothing. */
    public @Nullable TrainingDuty duty() {
        return duty;
    }

    /** Ties a duty to training this parameter, or unties it with null; several parameters may share one. */
    public void duty(@Nullable TrainingDuty next) {
        duty = next;
    }
}
