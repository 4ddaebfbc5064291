package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in a computation: its value, whether it needs a gradient, and the gradient once the backward pass has made
 * it.
 *
 * <p>Variables made by operations live until their {@link Tape} closes. Leaves are {@link #constant constants} and
 * {@link dev.lorikeet.autograd.nn.Parameter parameters}.
 */
public class Variable {
    private final Tensor value;
    private final boolean leaf;
    private boolean requiresGradient;
    private @Nullable Tensor gradient;
    /** A leaf's gradient buffer, kept from step to step. */
    private @Nullable Tensor room;

    private Variable(Tensor value, boolean leaf, boolean requiresGradient) {
        this.value = value;
        this.leaf = leaf;
        this.requiresGradient = requiresGradient;
    }

    /** A leaf. */
    protected Variable(Tensor value, boolean requiresGradient) {
        this(value, true, requiresGradient);
    }

    /** The output of an operation, whose gradient lives on the tape. */
    static Variable intermediate(Tensor value) {
        return new Variable(value, false, true);
    }

    /** A leaf without a gradient. */
    public static Variable constant(Tensor value) {
        return new Variable(value, false);
    }

    /** A leaf with a gradient, for functions of something that is not a parameter. */
    public static Variable leaf(Tensor value) {
        return new Variable(value, true);
    }

    public Tensor value() {
        return value;
    }

    public boolean requiresGradient() {
        return requiresGradient;
    }

    protected void requireGradient(boolean required) {
        requiresGradient = required;
        if (!required) {
            gradient = null;
            room = null;
        }
    }

    /** The gradient of the last backward passes since it was cleared; null before the first. */
    public @Nullable Tensor gradient() {
        return gradient;
    }

    /** The gradient. @throws IllegalStateException if no backward pass reached this variable */
    public Tensor gradientOrThrow() {
        Tensor existing = gradient;
        if (existing == null) {
            throw new IllegalStateException("variable " + value.shape() + ": no backward pass has reached it");
        }
        return existing;
    }

    /** Forgets the gradient, so that the next backward pass starts from zero. */
    public void clearGradient() {
        gradient = null;
    }

    /** Whether this is no operation's output: its gradient outlives the tape. */
    boolean isLeaf() {
        return leaf;
    }

    /** Takes {@code dx}, which lives as long as the tape, as the gradient. */
    void adoptGradient(Tensor dx) {
        gradient = dx;
    }

    /** Sets this variable's gradient to a buffer of unspecified contents, which the caller fills. */
    Tensor startGradient(Tape tape) {
        Tensor start;
        if (!leaf) {
            start = tape.allocate(value.shape());
        } else {
            start = room == null ? Tensor.zeros(value.shape()) : room;
            room = start;
        }
        gradient = start;
        return start;
    }

    /** The only element of a scalar, such as a loss. */
    public float item() {
        if (value.size() != 1) {
            throw new IllegalStateException("item: one element expected, shape is " + value.shape());
        }
        return value.data()[value.offset()];
    }

    @Override
    public String toString() {
        return "Variable" + value.shape() + (requiresGradient ? " with gradient" : "");
    }
}
