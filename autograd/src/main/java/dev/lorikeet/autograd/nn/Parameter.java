package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/** A leaf that belongs to a {@link Module}; frozen parameters get no gradient. New parameters are frozen. */
public final class Parameter extends Variable {
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
}
