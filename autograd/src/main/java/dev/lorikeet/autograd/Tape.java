package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
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
 * <p>Values and gradients of the variables made on a tape lie in the workspace. The backward pass gives each value back
 * as it passes, but for that of the loss; the rest is gone when the tape closes. Copy what must outlive it. Gradients
 * of leaves stay. A tape for inference records nothing.
 */
public final class Tape implements AutoCloseable {
    private final Compute compute;
    private final Buffers buffers;
    /** The tape that has the inputs of a {@link #checkpoint}, of which this one has the operations; else null. */
    private final @Nullable Tape parent;
    private final boolean training;
    private final long key;
    final Steps steps;
    private boolean recording;
    private @Nullable TapeObserver observer;
    /** How many keys were drawn. */
    int drawn;
    /** The first buffer of the operation that is recorded next. */
    private int first;
    /** Those of all tapes within one another. */
    final Hooks hooks;
    private final Map<Object, Object> pins = new IdentityHashMap<>(2);
    /** The gradient that an operation is working on, until that gives it away. */
    private @Nullable Tensor inHand;
    /** The operation that goes backward. */
    private String walking = "";
    private boolean walked;
    private boolean closed;

    private Tape(Compute compute, Buffers buffers, @Nullable Tape parent, boolean training, boolean recording,
            long key) {
        this.compute = compute;
        this.buffers = buffers;
        this.parent = parent;
        this.hooks = parent == null ? new Hooks() : parent.hooks;
        this.training = training;
        this.recording = recording;
        this.key = key;
        this.steps = new Steps(recording);
    }

    /** A tape that can go backward, for a step that draws no random numbers or always the same. */
    public static Tape training(Compute compute, Workspace workspace) {
        return training(compute, workspace, 0);
    }

    /** A tape that can go backward; {@code key}, of (seed, step), decides what {@link #nextKey} gives. */
    public static Tape training(Compute compute, Workspace workspace, long key) {
        return new Tape(compute, new Buffers(workspace), null, true, true, key);
    }

    /** A tape that computes values only; dropout is off on it. */
    public static Tape inference(Compute compute, Workspace workspace) {
        return new Tape(compute, new Buffers(workspace), null, false, false, 0);
    }

    /**
     * A tape for some of this one's operations.
     *
     * @param drawn how many keys were drawn before
     * @param read as {@link Steps#read}
     */
    Tape inner(boolean recording, int drawn, @Nullable List<Variable> read) {
        Tape inner = new Tape(compute, buffers.inner(), this, training, recording, key);
        inner.drawn = drawn;
        inner.steps.read = read;
        inner.observer = observer;
        inner.steps.wanted = steps.wanted;
        return inner;
    }

    /**
     * What {@code state} gave when it was first asked for on this tape under {@code key}: what others may change at any
     * time stays the same for a whole pass.
     */
    @SuppressWarnings("unchecked")
    public <T> T pinned(Object key, Supplier<? extends T> state) {
        return parent != null ? parent.pinned(key, state) : (T) pins.computeIfAbsent(key, _ -> state.get());
    }

    /** The key that this was made with: what {@link #nextKey} gives follows from it; 0 for inference. */
    public long key() {
        return key;
    }

    /** The key of the random numbers of one operation, different at each call. */
    public long nextKey() {
        return Random.key(key, drawn++);
    }

    /** Whether dropout is on. */
    public boolean isTraining() {
        return training;
    }

    public Compute compute() {
        return compute;
    }

    /** What {@code body} gives, recording none of its operations: their outputs are constants. Dropout stays on. */
    public <T> T noGrad(Supplier<T> body) {
        boolean before = recording;
        try {
            recording = false;
            return body.get();
        } finally {
            recording = before;
        }
    }

    /**
     * From now on shows {@code observer}, {@link Anomalies} for example, each operation of this tape, and of those for
     * checkpoints within it, in the place of the one before.
     *
     * @return this tape
     */
    public Tape observe(TapeObserver observer) {
        this.observer = observer;
        return this;
    }

    /**
     * Has {@code hook} look at the gradient of {@code variable} once the backward pass has all of it: at that of an
     * operation's output before it is used, at that of a leaf at the end. Does nothing where nothing is recorded.
     *
     * @param hook must not keep the tensor
     * @throws IllegalArgumentException if the variable requires no gradient
     */
    public void onGradient(Variable variable, Consumer<Tensor> hook) {
        if (recording) {
            hooks.add("onGradient", variable, hook);
        }
    }

    /**
     * {@code block.apply(tape, x)} without keeping what its operations make: the backward pass runs it again (Chen et
     * al. 2016, "Training Deep Nets with Sublinear Memory Cost"). The bits of values and gradients are the same, random
     * numbers included.
     *
     * @param block has no effect but its result, and takes the tape that it is given
     */
    public Variable checkpoint(Variable x, BiFunction<Tape, Variable, Variable> block) {
        return recording ? Checkpoint.apply(this, x, block) : resultOf(tape -> block.apply(tape, x));
    }

    /**
     * {@code block.apply(tape)}; where nothing is recorded, what else the block makes goes back to the workspace, for
     * the next block to take.
     *
     * @param block takes the tape that it is given
     */
    public Variable resultOf(Function<Tape, Variable> block) {
        return recording ? block.apply(this) : Checkpoint.resultOf(this, block);
    }

    /** Gives the value of {@code x} back, on a tape for inference that made it: nobody reads it any more. */
    public void release(Variable x) {
        if (!training && x.tape() == this && buffers.release(x.value())) {
            x.releaseValue();
        }
    }

    /** Keeps a tensor of {@code inner}, which is about to close; whether it is one. */
    boolean takeOver(Tape inner, Tensor value) {
        return buffers.takeOver(inner.buffers, value);
    }

    /** The memory of the operation that is recorded next or goes backward. */
    Room room() {
        return buffers;
    }

    /** A tensor of unspecified contents, for the operation that is recorded next or goes backward. */
    Tensor allocate(Shape shape) {
        return buffers.take(shape);
    }

    /** As {@link #allocate(Shape)}. */
    Tensor allocate(int rows, int columns) {
        return buffers.take(rows, columns);
    }

    /** As {@link #allocate(Shape)}. */
    Tensor allocate(int... dims) {
        return allocate(Shape.of(dims));
    }

    /**
     * The output of an operation on {@code inputs}; recorded where one of them requires a gradient.
     *
     * @param name the operation, as messages call it
     */
    Variable record(String name, Tensor value, Operation operation, @Nullable Variable... inputs) {
        for (int i = 0; i < inputs.length; i++) {
            Variable input = inputs[i];
            if (input != null) {
                input.requireOn(this, name, i);
                steps.note(input);
            }
        }
        int from = first;
        first = buffers.count();
        Variable output = Variable.of(this, value, records(inputs));
        if (output.requiresGradient()) {
            steps.add(new Steps.Step(name, output, inputs, operation, from, first));
        }
        if (observer != null) {
            observer.forward(name, output, inputs);
        }
        return output;
    }

    /** Whether an operation on {@code inputs} will be recorded, so that it must keep what its way back needs. */
    boolean records(@Nullable Variable... inputs) {
        boolean required = false;
        for (Variable input : inputs) {
            required |= input != null && input.requiresGradient();
        }
        return required && recording;
    }

    /** Whether variables of {@code tape} may be inputs here: it is this one, or has this one's inputs. */
    boolean isWithin(Tape tape) {
        return tape == this || parent != null && parent.isWithin(tape);
    }

    /** Whether the backward pass has to compute the gradient of {@code input}. */
    boolean needs(Variable input) {
        return steps.wanted == null ? input.requiresGradient() : steps.wanted.contains(input);
    }

    /** The room for the gradient of an input that requires one; leaves keep theirs, the rest is the workspace's. */
    Target gradientOf(Variable input) {
        Tensor existing = input.gradient();
        if (existing != null) {
            return new Target(existing, true);
        }
        if (input.isLeaf()) {
            return new Target(input.startGradient(), false);
        }
        Tensor start = allocate(input.shape());
        buffers.adopt(start);
        input.adoptGradient(start);
        return new Target(start, false);
    }

    /** Adds {@code dx} to the gradient of {@code input}, if that requires one. */
    void addGradient(Variable input, Tensor dx) {
        if (needs(input)) {
            input.requireShape(walking, dx);
            Target gradient = gradientOf(input);
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
            input.requireShape(walking, dx);
            input.adoptGradient(dx);
            if (dx == inHand) {
                inHand = null;
            } else {
                buffers.adopt(dx);
            }
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
        requireWalkable(loss);
        if (!loss.requiresGradient()) {
            throw new IllegalStateException("backward: the loss depends on nothing that requires a gradient");
        }
        walk(loss);
    }

    /** As {@link #backward(Variable)} where {@code variables} and what leads to them are all that needs a gradient. */
    void backwardTo(Set<Variable> variables, Variable loss) {
        requireWalkable(loss);
        steps.wanted = variables;
        steps.wantOutputs();
        if (variables.contains(loss)) {
            walk(loss);
        }
    }

    private void requireWalkable(Variable loss) {
        if (loss.shape().size() != 1) {
            throw new IllegalArgumentException("backward: a scalar expected, the shape is " + loss.shape());
        }
        if (!training || walked) {
            throw new IllegalStateException(walked ? "backward: a tape can be walked back once only"
                    : "backward: an inference tape records nothing");
        }
        loss.requireOn(this, "backward", 0);
    }

    private void walk(Variable loss) {
        Tensor value = loss.value().copy();
        buffers.startBackward();
        gradientOf(loss).tensor().fill(1f);
        walk();
        loss.keepValue(value);
        hooks.showLeaves();
    }

    /** Goes back over the steps from gradients that are there. */
    void walk() {
        walked = true;
        buffers.startBackward();
        steps.wantOutputs();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Steps.Step step = steps.get(i);
            Variable output = step.output();
            Tensor dy = output.gradient();
            if (dy != null) {
                hooks.show(output);
                inHand = dy;
                walking = step.name();
                step.operation().backward(this, dy);
                if (observer != null) {
                    observer.backward(step.name(), output, step.inputs());
                }
                output.clearGradient();
                if (inHand != null) {
                    buffers.releaseGradient(inHand);
                    inHand = null;
                }
                buffers.releaseScratch();
            }
            output.releaseValue();
            step.operation().close();
            buffers.release(step.from(), step.to());
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Gives every buffer back to the workspace; values of the tape's variables are gone. */
    @Override
    public void close() {
        closed = true;
        buffers.close();
        if (parent == null) {
            buffers.closeGradients();
        }
        steps.close();
    }
}
