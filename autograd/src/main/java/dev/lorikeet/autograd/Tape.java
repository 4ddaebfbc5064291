package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records operations in the order in which they ran, and walks them back to compute gradients. One tape is one step:
 *
 * <pre>{@code
 * try (Tape tape = Tape.training(compute, workspace)) {
 *     Variable loss = model.loss(tape, batch);
 *     tape.backward(loss);
 * }
 * }</pre>
 *
 * <p>Values and gradients of the variables made on a tape lie in the workspace and are gone when the tape closes; copy
 * what must outlive it. Gradients of leaves stay. A tape for inference records nothing.
 */
public final class Tape implements AutoCloseable {
    private record Step(String name, Variable output, Operation operation) {}

    /** The room for an input's gradient: whether to add to what is there, or to overwrite. */
    record Gradient(Tensor tensor, boolean accumulate) {}

    private final Compute compute;
    private final Workspace workspace;
    private final boolean recording;
    /** As long as those of six layers with adapters become: lists that grow leave their old arrays behind. */
    private final List<Step> steps = new ArrayList<>(128);
    private final List<Tensor> taken = new ArrayList<>(384);
    private final List<Shape> shapes = new ArrayList<>();
    private final long key;
    /** The gradient that an operation is working on, until that gives it away. */
    private @Nullable Tensor inHand;
    private int drawn;
    private boolean walked;

    private Tape(Compute compute, Workspace workspace, boolean recording, long key) {
        this.compute = compute;
        this.workspace = workspace;
        this.recording = recording;
        this.key = key;
    }

    /** A tape that can go backward, for a step that draws no random numbers or always the same. */
    public static Tape training(Compute compute, Workspace workspace) {
        return training(compute, workspace, 0);
    }

    /** A tape that can go backward; {@code key}, of (seed, step), decides what {@link #nextKey} gives. */
    public static Tape training(Compute compute, Workspace workspace, long key) {
        return new Tape(compute, workspace, true, key);
    }

    /** A tape that computes values only; dropout is off on it. */
    public static Tape inference(Compute compute, Workspace workspace) {
        return new Tape(compute, workspace, false, 0);
    }

    /** The key of the random numbers of one operation, different at each call. */
    public long nextKey() {
        return Random.key(key, drawn++);
    }

    /** Whether this tape records, and dropout is on. */
    public boolean isTraining() {
        return recording;
    }

    public Compute compute() {
        return compute;
    }

    /** A tensor of unspecified contents that lives until this tape closes. */
    public Tensor allocate(Shape shape) {
        Tensor tensor = workspace.take(shape);
        taken.add(tensor);
        return tensor;
    }

    /** As {@link #allocate(Shape)}. */
    public Tensor allocate(int rows, int columns) {
        return allocate(shape(rows, columns));
    }

    /** As {@link #allocate(Shape)}. */
    public Tensor allocate(int... dims) {
        return allocate(Shape.of(dims));
    }

    /** The shape (rows, columns): a step has hundreds of tensors, of few shapes. */
    private Shape shape(int rows, int columns) {
        for (int i = 0; i < shapes.size(); i++) {
            Shape shape = shapes.get(i);
            if (shape.dim(0) == rows && shape.dim(1) == columns) {
                return shape;
            }
        }
        Shape shape = Shape.of(rows, columns);
        shapes.add(shape);
        return shape;
    }

    /**
     * The output of an operation on {@code inputs}; recorded where one of them requires a gradient.
     *
     * @param name the operation, as messages call it
     */
    Variable record(String name, Tensor value, Operation operation, @Nullable Variable... inputs) {
        if (recording) {
            for (Variable input : inputs) {
                if (input != null && input.requiresGradient()) {
                    Variable output = Variable.intermediate(value);
                    steps.add(new Step(name, output, operation));
                    return output;
                }
            }
        }
        return Variable.constant(value);
    }

    /** Whether the backward pass has to compute the gradient of {@code input}. */
    boolean needs(Variable input) {
        return input.requiresGradient();
    }

    /** The room for the gradient of an input that requires one; parameters keep theirs, the rest is the workspace's. */
    Gradient gradientOf(Variable input) {
        Tensor existing = input.gradient();
        if (existing != null) {
            return new Gradient(existing, true);
        }
        return new Gradient(input.startGradient(this), false);
    }

    /** Adds {@code dx} to the gradient of {@code input}, if that requires one. */
    void addGradient(Variable input, Tensor dx) {
        if (needs(input)) {
            Gradient gradient = gradientOf(input);
            if (gradient.accumulate()) {
                Elementwise.add(compute, dx, gradient.tensor(), gradient.tensor());
            } else {
                gradient.tensor().set(dx);
            }
        }
    }

    /**
     * As {@link #addGradient}, of a {@code dx} that the operation needs no more: it becomes the gradient itself where
     * there is none yet. May be the operation's own dy, as its last use.
     */
    void giveGradient(Variable input, Tensor dx) {
        if (needs(input) && !input.isLeaf() && input.gradient() == null) {
            input.adoptGradient(dx);
            inHand = dx == inHand ? null : inHand;
        } else {
            addGradient(input, dx);
        }
    }

    /**
     * Computes the gradients of {@code loss} for every variable that led to it and requires one.
     *
     * @throws IllegalStateException if the tape does not record, was walked before, or {@code loss} depends on nothing
     *     that requires a gradient
     * @throws IllegalArgumentException if {@code loss} is not a scalar
     */
    public void backward(Variable loss) {
        backward(loss, 1f);
    }

    /**
     * As {@link #backward(Variable)}, with the loss multiplied by {@code factor}: for accumulation over micro-batches.
     */
    public void backward(Variable loss, float factor) {
        if (loss.value().size() != 1) {
            throw new IllegalArgumentException("backward: a scalar expected, the shape is " + loss.value().shape());
        }
        if (!recording || walked) {
            throw new IllegalStateException(walked ? "backward: a tape can be walked back once only"
                    : "backward: an inference tape records nothing");
        }
        if (!loss.requiresGradient()) {
            throw new IllegalStateException("backward: the loss depends on nothing that requires a gradient");
        }
        walked = true;
        Tensor seed = gradientOf(loss).tensor();
        seed.fill(factor);
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            Tensor dy = step.output().gradient();
            if (dy != null) {
                inHand = dy;
                step.operation().backward(this, dy);
                step.output().clearGradient();
                if (inHand != null) {
                    release(inHand);
                }
            }
        }
    }

    /** Gives a gradient back to the workspace as soon as it has been used. */
    private void release(Tensor gradient) {
        for (int i = taken.size() - 1; i >= 0; i--) { // from the end: gradients are taken late
            if (taken.get(i) == gradient) {
                taken.remove(i);
                workspace.give(gradient);
                return;
            }
        }
    }

    /** Gives every buffer back to the workspace. */
    @Override
    public void close() {
        for (Tensor tensor : taken) {
            workspace.give(tensor);
        }
        taken.clear();
        steps.clear();
    }
}
