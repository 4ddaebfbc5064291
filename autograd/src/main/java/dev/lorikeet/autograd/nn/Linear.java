package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * y = x·Wᵀ + b with W (out, in), as PyTorch's, or y = x·W + b with W (in, out), as Hugging Face's {@code Conv1D}; and
 * an activation of it in the same pass if there is one. A frozen weight is packed once, at first use; the packed form
 * is shared by all threads.
 */
public final class Linear extends Module {
    /** How the weight is stored: its shape, that of its gradient, and that in files. */
    public enum Layout {
        /** (out, in). */
        OUT_IN,
        /** (in, out): PEFT's {@code fan_in_fan_out}. */
        IN_OUT
    }

    private final Weight weight;
    private final @Nullable Parameter bias;
    private final Activation activation;
    private @Nullable Adapter adapter;

    /**
     * @param weight (out, in)
     * @param bias (out), or null
     */
    public Linear(Tensor weight, @Nullable Tensor bias) {
        this(weight, bias, Activation.NONE);
    }

    /** As {@link #Linear(Tensor, Tensor)}, with {@code activation} of the sums. */
    public Linear(Tensor weight, @Nullable Tensor bias, Activation activation) {
        this(weight, bias, activation, Layout.OUT_IN);
    }

    /**
     * A layer with a weight of either layout.
     *
     * @param weight (out, in) or (in, out), as {@code layout} says
     * @param bias (out), or null
     */
    public Linear(Tensor weight, @Nullable Tensor bias, Activation activation, Layout layout) {
        this(new Weight(weight, layout), bias, activation);
    }

    /**
     * A layer with a weight that may be in any form.
     *
     * @param bias (out), or null
     */
    public Linear(Weight weight, @Nullable Tensor bias, Activation activation) {
        if (bias != null && bias.size() != weight.out()) {
            throw new IllegalArgumentException("linear: weight " + weight.shape() + ", bias " + bias.shape()
                    + (weight.layout() == Layout.OUT_IN ? "" : ", as " + weight.layout()));
        }
        this.weight = parameter("weight", weight);
        this.bias = bias == null ? null : parameter("bias", new Parameter(bias));
        this.activation = activation;
    }

    public int inFeatures() {
        return weight.in();
    }

    public int outFeatures() {
        return weight.out();
    }

    public Layout layout() {
        return weight.layout();
    }

    /** W, in this layer's {@link #layout}. */
    public Weight weight() {
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
        replaceParameters(adapter == null ? Map.of() : adapter.parameters(),
                next == null ? Map.of() : next.parameters());
        adapter = next;
    }

    /**
     * (rows, in) to (rows, out), through the adapter if there is one.
     *
     * @throws IllegalArgumentException if x has other rows than the pass, or not {@link #inFeatures()} columns
     */
    public Variable forward(Pass pass, Variable x) {
        pass.requireRows("linear", x.shape().rows());
        Adapter current = adapter;
        return current == null ? base(pass.tape(), x, null) : current.forward(pass, x, this);
    }

    /** As {@link #forward(Pass, Variable)}, where each row is a sequence. */
    public Variable forward(Tape tape, Variable x) {
        return forward(new Pass(tape, Rows.sequences(x.shape().rows())), x);
    }

    /**
     * The layer's own map, without the adapter, with a low-rank term beside it if given; the activation is of both.
     *
     * @throws IllegalArgumentException if x does not have {@link #inFeatures()} columns, or a low-rank term meets a
     *     weight that is trained
     */
    public Variable base(Tape tape, Variable x, @Nullable LowRank lowRank) {
        if (!weight.requiresGradient() || lowRank != null) {
            return LinearOps.linear(tape, x, weight.frozen(tape.compute()), bias, lowRank, activation);
        }
        return ElementOps.activate(tape, activation, switch (layout()) {
            case OUT_IN -> LinearOps.linear(tape, x, weight, bias);
            case IN_OUT -> LinearOps.linearTransposed(tape, x, weight, bias);
        });
    }

    /**
     * x·Wᵀ (rows, out) with the low-rank term if given, before bias and activation: {@link #finish} adds those.
     *
     * @throws IllegalArgumentException as {@link #base}, and if the weight is trained
     */
    public Variable product(Tape tape, Variable x, @Nullable LowRank lowRank) {
        return LinearOps.linear(tape, x, weight.frozen(tape.compute()), null, lowRank, Activation.NONE);
    }

    /** The activation of z + b, for a z (rows, out) that {@link #product} began. */
    public Variable finish(Tape tape, Variable z) {
        return ElementOps.activate(tape, activation, bias == null ? z : ElementOps.add(tape, z, bias));
    }

    /**
     * A layer like this one with other weights, in the same layout, and without an adapter; packed for {@code compute},
     * so that no thread has to wait for that.
     */
    public Linear with(Compute compute, Tensor otherWeight, @Nullable Tensor otherBias) {
        Linear other = new Linear(otherWeight, otherBias, activation, layout());
        other.weight.frozen(compute);
        return other;
    }
}
