package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Layer normalisation over the last axis (Ba et al. 2016), with the residual sum before it in the same pass. */
public final class LayerNorm extends Norm {
    private final Parameter weight;
    private final Parameter bias;
    private final float eps;

    /**
     * @param weight γ (hidden)
     * @param bias β (hidden)
     * @param eps added to the variance
     */
    public LayerNorm(Tensor weight, Tensor bias, float eps) {
        this.weight = parameter("weight", new Parameter(weight));
        this.bias = parameter("bias", new Parameter(bias));
        this.eps = eps;
    }

    @Override
    public Variable forward(Tape tape, Variable x) {
        return forward(tape, x, null);
    }

    /** layerNorm(x + residual), or layerNorm(x) for a null residual. */
    public Variable forward(Tape tape, Variable x, @Nullable Variable residual) {
        return ElementOps.layerNorm(tape, x, residual, weight, bias, eps);
    }
}
