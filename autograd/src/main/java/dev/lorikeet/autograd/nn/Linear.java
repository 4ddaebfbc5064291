package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.LinearOps.FrozenWeight;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = x·Wᵀ + b with W (out, in), as PyTorch's, and an activation of it in the same pass if there is one. A frozen weight is packed once, at first use; the packed form is shared
 * by all threads.
 */
public final class Linear extends Module {
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final Activation activation;
    private @Nullable Adapter adapter;
    private volatile @Nullable FrozenWeight packed;

    /**
     * @param weight (out, in)
     * @param bias (out), or null
     */
    public Linear(Tensor weight, @Nullable Tensor bias) {
        this(weight, bias, Activation.NONE);
    }

    /** As {@link #Linear(Tensor, Tensor)}, with {@code activation} of the sums. */
    public Linear(Tensor weight, @Nullable Tensor bias, Activation activation) {
        if (weight.shape().rank() != 2 || (bias != null && bias.size() != weight.dim(0))) {
            throw new IllegalArgumentException("linear: weight " + weight.shape() + ", bias "
                    + (bias == null ? "none" : bias.shape()));
        }
        this.weight = parameter("weight", new Parameter(weight));
        this.bias = bias == null ? null : parameter("bias", new Parameter(bias));
        this.activation = activation;
    }

    public int inFeatures() {
        return weight.value().dim(1);
    }

    public int outFeatures() {
        return weight.value().dim(0);
    }

    /** W (out, in). Call {@link #weightChanged} after writing to it. */
    public Parameter weight() {
        return weight;
    }

    public @Nullable Parameter bias() {
        return bias;
    }

    /** The adapter in this layer's seam, or null. */
    public @Nullable Adapter adapter() {
        return adapter;
    }

    /** Puts an adapter with its parameters into the seam, or takes it out with null. */
    public void adapter(@Nullable Adapter next) {
        if (adapter != null) {
            adapter.parameters().keySet().forEach(this::removeParameter);
        }
        adapter = next;
        if (next != null) {
            next.parameters().forEach(this::parameter);
        }
    }

    /** (rows, in) to (rows, out), through the adapter if there is one. */
    public Variable forward(Tape tape, Variable x) {
        Adapter current = adapter;
        return current == null ? base(tape, x, null) : current.forward(tape, x, this);
    }

    /**
     * The layer's own map, without the adapter, with a low-rank term beside it if given; the activation is of both.
     *
     * @throws IllegalArgumentException if x does not have {@link #inFeatures()} columns, or a low-rank term meets a
     *     weight that is trained
     */
    public Variable base(Tape tape, Variable x, @Nullable LowRank lowRank) {
        if (!weight.requiresGradient()) {
            FrozenWeight frozen = packed(tape.compute());
            return activation == Activation.GELU ? LinearOps.linearGelu(tape, x, frozen, bias, lowRank)
                    : LinearOps.linear(tape, x, frozen, bias, lowRank);
        }
        if (lowRank != null) {
            throw new IllegalArgumentException("linear: a low-rank term needs a frozen weight");
        }
        Variable y = LinearOps.linear(tape, x, weight, bias);
        return activation == Activation.GELU ? ElementOps.gelu(tape, y) : y;
    }

    private FrozenWeight packed(Compute compute) {
        FrozenWeight current = packed;
        if (current == null) {
            synchronized (this) {
                current = packed;
                if (current == null) {
                    current = FrozenWeight.of(compute, weight.value());
                    packed = current;
                }
            }
        }
        return current;
    }

    /** Forgets what was packed from the old weight. */
    public void weightChanged() {
        packed = null;
    }
}
