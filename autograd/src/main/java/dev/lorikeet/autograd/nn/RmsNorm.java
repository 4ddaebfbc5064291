package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/** x/√(mean(x²) + eps)·γ over the last axis (Zhang and Sennrich 2019). */
public final class RmsNorm extends Module {
    private final Parameter weight;
    private final float eps;

    /**
     * @param weight γ (hidden)
     * @param eps added to the mean square
     */
    public RmsNorm(Tensor weight, float eps) {
        this.weight = parameter("weight", new Parameter(weight));
        this.eps = eps;
    }

    /** (rows, hidden) to (rows, hidden). */
    public Variable forward(Tape tape, Variable x) {
        return ElementOps.rmsNorm(tape, x, weight, eps);
    }
}
