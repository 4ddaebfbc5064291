package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/** x/√(mean(x²) + eps)·γ over the last axis (Zhang and Sennrich 2019). */
public final class RmsNorm extends Norm {
    private final Parameter weight;
    private final float eps;
    private final float offset;

    /**
     * @param weight γ (hidden)
     * @param eps added to the mean square
     */
    public RmsNorm(Tensor weight, float eps) {
        this(weight, eps, 0f);
    }

    /**
     * With a weight that γ differs from.
     *
     * @param weight (hidden)
     * @param eps added to the mean square
     * @param offset γ is weight + offset: 1 in Gemma
     */
    public RmsNorm(Tensor weight, float eps, float offset) {
        this.weight = parameter("weight", new Parameter(weight));
        this.eps = eps;
        this.offset = offset;
    }

    /** The length of a row. */
    public int size() {
        return weight.shape().dim(0);
    }

    @Override
    public Variable forward(Tape tape, Variable x) {
        return ElementOps.rmsNorm(tape, x, gamma(tape), eps);
    }

    private Variable gamma(Tape tape) {
        if (offset == 0) {
            return weight;
        }
        Tensor offsets = Tensor.zeros(weight.shape());
        offsets.fill(offset);
        return ElementOps.add(tape, weight, Variable.constant(offsets));
    }
}
