package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in a computation: its value, whether it needs a gradient, and the gradient once the backward pass has made
 * it.
 *
 * <p>Variables made by operations live on a {@link Tape}: their values are gone once the backward pass has used them,
 * and all of them when the tape closes. Leaves are {@link #constant constants} and
 * {@link dev.lorikeet.autograd.nn.Parameter parameters}.
 */
public class Variable {
    private final Shape shape;
    /** Null once it is released, and in a detached variable. */
    private volatile @Nullable Tensor value;
    /** Where an operation made this; null for a leaf. */
    private final @Nullable Tape tape;
    /** Of a detached variable, whose value it shares. */
    private final @Nullable Variable origin;
    private boolean requiresGradient;
    private @Nullable Tensor gradient;
    /** A leaf's gradient buffer, kept from step to step. */
    private @Nullable Tensor room;

    private Variable(Shape shape, @Nullable Tensor value, @Nullable Tape tape, @Nullable Variable origin,
            boolean requiresGradient) {
        this.shape = shape;
        this.value = value;
        this.tape = tape;
        this.origin = origin;
        this.requiresGradient = requiresGradient;
    }

    /** A leaf. */
    protected Variable(Tensor value, boolean requiresGradient) {
        this(value.shape(), value, null, null, requiresGradient);
    }

    /** A leaf without a gradient whose value is kept elsewhere: {@link #value()} is to be overridden. */
    protected Variable(Shape shape) {
        this(shape, null, null, null, false);
    }

    /** The output of an operation, whose value and gradient live on the tape. */
    static Variable of(Tape tape, Tensor value, boolean requiresGradient) {
        return new Variable(value.shape(), value, tape, null, requiresGradient);
    }

    /** A leaf without a gradient. */
    public static Variable constant(Tensor value) {
        return new Variable(value, false);
    }

    /** A leaf with a gradient, for functions of something that is not a parameter. */
    public static Variable leaf(Tensor value) {
        return new Variable(value, true);
    }

    /** This value as a constant: no gradient flows back through it. It shares the value, and lives as long. */
    public Variable detach() {
        return new Variable(shape, null, tape, this, false);
    }

    /**
     * The value.
     *
     * @throws IllegalStateException if the backward pass or {@link Tape#release} has released it, or its tape is closed
     */
    public Tensor value() {
        Tensor current = value;
        return current == null || tape != null && tape.isClosed() ? sharedValue() : current;
    }

    private Tensor sharedValue() {
        if (tape != null && tape.isClosed()) {
            throw new IllegalStateException("variable " + shape
                    + ": its tape is closed, and the value is gone; copy what must outlive a tape");
        }
        if (origin == null) {
            throw new IllegalStateException("variable " + shape
                    + ": its value was used and released; read it before");
        }
        return origin.value();
    }

    /** The shape of the value, known without it. */
    public Shape shape() {
        return shape;
    }

    @Nullable
    Tape tape() {
        return tape;
    }

    /** Refuses to be input {@code index} of an operation on a tape that cannot reach this variable's. */
    void requireOn(Tape other, String operation, int index) {
        if (tape != null && !other.isWithin(tape)) {
            throw new IllegalStateException(operation + ": input " + index + " " + shape
                    + " belongs to another tape; detach and copy it, or use one tape for both");
        }
    }

    /** Refuses a gradient that {@code operation} made with another shape. */
    void requireShape(String operation, Tensor dx) {
        if (!dx.shape().equals(shape)) {
            throw new IllegalStateException(operation + ": backward made a gradient " + dx.shape()
                    + " for an input " + shape);
        }
    }

    /** The value where this holds it as a tensor; else null. */
    protected final @Nullable Tensor held() {
        return value;
    }

    /** Lets go of a value that has been used, or is kept in another form. */
    protected final void releaseValue() {
        value = null;
    }

    /** Has a copy of the value where that was released. */
    protected final void keepValue(Tensor copy) {
        value = value == null ? copy : value;
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
            throw new IllegalStateException("variable " + shape + ": no backward pass has reached it");
        }
        return existing;
    }

    /** Forgets the gradient, so that the next backward pass starts from zero. */
    public void clearGradient() {
        gradient = null;
    }

    /**
     * Adds a gradient that was computed elsewhere, as a backward pass adds its own.
     *
     * @param dx of this variable's shape
     * @throws IllegalArgumentException if this is no leaf, requires no gradient, or has another shape
     */
    public void addGradient(Tensor dx) {
        if (!isLeaf() || !requiresGradient || !dx.shape().equals(shape)) {
            throw new IllegalArgumentException("addGradient: a gradient " + dx.shape() + " for " + this
                    + (isLeaf() ? "" : ", which is no leaf"));
        }
        if (gradient == null) {
            startGradient().set(dx);
        } else {
            Elementwise.addScaled(dx, 1f, gradient);
        }
    }

    /** Whether this is no operation's output: its gradient outlives the tape. */
    boolean isLeaf() {
        return tape == null;
    }

    /** Takes {@code dx}, which lives as long as the tape, as the gradient. */
    void adoptGradient(Tensor dx) {
        gradient = dx;
    }

    /** Sets a leaf's gradient to its buffer, of unspecified contents, which the caller fills. */
    Tensor startGradient() {
        Tensor start = room == null ? Tensor.zeros(shape) : room;
        room = start;
        gradient = start;
        return start;
    }

    /** A gradient that makes room for another. */
    record Aside(@Nullable Tensor gradient, @Nullable Tensor room) {}

    /** Starts without a gradient; what was there is for {@link #restore}. */
    Aside setGradientAside() {
        Aside aside = new Aside(gradient, room);
        gradient = null;
        room = null;
        return aside;
    }

    void restore(Aside aside) {
        gradient = aside.gradient();
        room = aside.room();
    }

    /** The only element of a scalar, such as a loss. */
    public float item() {
        if (shape.size() != 1) {
            throw new IllegalStateException("item: one element expected, shape is " + shape);
        }
        Tensor scalar = value();
        return scalar.data()[scalar.offset()];
    }

    @Override
    public String toString() {
        return "Variable" + shape + (requiresGradient ? " with gradient" : "");
    }
}
