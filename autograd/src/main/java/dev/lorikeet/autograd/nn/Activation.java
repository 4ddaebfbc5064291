package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Epilogue;
import org.jspecify.annotations.Nullable;

/** What a {@link Linear} layer does to its sums before it gives them, in the same pass as the product where it can. */
public enum Activation {
    /** Nothing. */
    NONE(null),
    /** x·Φ(x) in its exact form (Hendrycks and Gimpel 2016). */
    GELU(Epilogue.Activation.GELU),
    /** x·Φ(x) in the form with tanh (Hendrycks and Gimpel 2016). */
    GELU_TANH(Epilogue.Activation.GELU_TANH),
    /** max(x, 0). */
    RELU(null),
    /** x·σ(x) (Elfwing et al. 2017). */
    SILU(Epilogue.Activation.SILU),
    /** The hyperbolic tangent. */
    TANH(null);

    private final Epilogue.@Nullable Activation fused;

    Activation(Epilogue.@Nullable Activation fused) {
        this.fused = fused;
    }

    /** The same as a part of a matrix product, or null where products have no such part. */
    Epilogue.@Nullable Activation fused() {
        return fused;
    }

    /** The activation of each element. */
    public Variable apply(Tape tape, Variable x) {
        return switch (this) {
            case NONE -> x;
            case GELU -> ElementOps.gelu(tape, x);
            case GELU_TANH -> ElementOps.geluTanh(tape, x);
            case RELU -> ElementOps.relu(tape, x);
            case SILU -> ElementOps.silu(tape, x);
            case TANH -> ElementOps.tanh(tape, x);
        };
    }
}
