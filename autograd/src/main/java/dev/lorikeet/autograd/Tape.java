package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
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
 * as it passes, but for that of the loss; the rest is gone when the tape closes. Copy what must outlive it. Gradients of
 * leaves stay. A tape for inference records nothing.
 */
public final class Tape implements AutoCloseable {
    /** An operation that ran, and which of the tape's buffers are its output and what it keeps for the way back. */
    private record Step(String name, Variable output, @Nullable Variable[] inputs, Operation operation, int from,
            int to) {}

    /** The room for an input's gradient: whether to add to what is there, or to overwrite. */
    record Gradient(Tensor tensor, boolean accumulate) {}

    private final Compute compute;
    private final Buffers buffers;
    /** The tape that has the inputs of a {@link #checkpoint}, of which this one has the operations; else null. */
    private final @Nullable Tape parent;
    private final boolean training;
    private final long key;
    /** As long as those of six layers with adapters become: lists that grow leave their old arrays behind. */
    private final List<Step> steps = new ArrayList<>(128);
    private boolean recording;
    private boolean detecting;
    private int drawn;
    /** The first buffer of the operation that is recorded next. */
    private int first;
    /** What the operations of a {@link #checkpoint} read that requires a gradient; else null. */
    private @Nullable List<Variable> read;
    /** The only variables that get a gradient, with all on the way to them; null for no such limit. */
    private @Nullable Set<Variable> wanted;
    private @Nullable Map<Variable, List<Consumer<Tensor>>> hooks;
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
        this.training = training;
        this.recording = recording;
        this.key = key;
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

    /** A tape for the operations of a {@link #checkpoint} of this one, which draws from {@code drawn} on. */
    private Tape inner(boolean recording, int drawn) {
        Tape inner = new Tape(compute, buffers.inner(), this, training, recording, key);
        inner.drawn = drawn;
        inner.detecting = detecting;
        inner.wanted = wanted;
        return inner;
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
        recording = false;
        try {
            return body.get();
        } finally {
            recording = before;
        }
    }

    /**
     * From now on looks for NaN and infinities in what operations make, forward and backward: the first to make one throws
     * an {@link ArithmeticException} with its name and shapes. For a look at a run that fails, since it costs time.
     *
     * @return this tape
     */
    public Tape detectAnomalies() {
        detecting = true;
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
            addHook("onGradient", variable, hook);
        }
    }

    private void addHook(String name, Variable variable, Consumer<Tensor> hook) {
        if (!variable.requiresGradient()) {
            throw new IllegalArgumentException(name + ": " + variable + " requires no gradient");
        }
        if (parent != null && variable.tape() != this) {
            parent.addHook(name, variable, hook);
            return;
        }
        if (hooks == null) {
            hooks = new IdentityHashMap<>();
        }
        hooks.computeIfAbsent(variable, _ -> new ArrayList<>()).add(hook);
    }

    /**
     * {@code block.apply(tape, x)} without keeping what its operations make: the backward pass runs it again (Chen et al.
     * 2016, "Training Deep Nets with Sublinear Memory Cost"). The bits of values and gradients are the same, random numbers
     * included.
     *
     * @param block has no effect but its result, and takes the tape that it is given
     */
    public Variable checkpoint(Variable x, BiFunction<Tape, Variable, Variable> block) {
        if (!recording) {
            return block.apply(this, x);
        }
        int drawnBefore = drawn;
        List<Variable> inputs = new ArrayList<>(List.of(x));
        Tensor y;
        try (Tape once = inner(false, drawn)) {
            once.read = inputs;
            Tensor value = block.apply(once, x).value();
            drawn = once.drawn;
            y = allocate(value.shape());
            y.set(value);
        }
        return record("checkpoint", y, (t, dy) -> {
            try (Tape again = t.inner(true, drawnBefore)) {
                Variable output = block.apply(again, x);
                again.wantOutputs();
                t.giveGradient(output, dy);
                again.walk();
            }
        }, inputs.toArray(new Variable[0]));
    }

    /** A tensor of unspecified contents, for the operation that is recorded next or goes backward. */
    Tensor allocate(Shape shape) {
        return buffers.take(shape);
    }

    /** As {@link #allocate(Shape)}. */
    Tensor allocate(int rows, int columns) {
        return allocate(buffers.shape(rows, columns));
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
        boolean required = false;
        for (int i = 0; i < inputs.length; i++) {
            Variable input = inputs[i];
            if (input != null) {
                requireReachable(name, i, input);
                required |= input.requiresGradient();
                noteRead(input);
            }
        }
        int from = first;
        first = buffers.count();
        Variable output = Variable.of(this, value, required && recording);
        if (output.requiresGradient()) {
            steps.add(new Step(name, output, inputs, operation, from, first));
        }
        if (detecting) {
            Anomalies.requireFinite(name, output, inputs);
        }
        return output;
    }

    private void requireReachable(String name, int index, Variable input) {
        for (Tape tape = this; input.tape() != null && tape != input.tape(); tape = tape.parent) {
            if (tape.parent == null) {
                throw new IllegalStateException(name + ": input " + index + " " + input.shape()
                        + " belongs to another tape; detach and copy it, or use one tape for both");
            }
        }
    }

    private void noteRead(Variable input) {
        if (read != null && input.requiresGradient() && !read.contains(input)) {
            read.add(input);
        }
    }

    /** Whether the backward pass has to compute the gradient of {@code input}. */
    boolean needs(Variable input) {
        return wanted == null ? input.requiresGradient() : wanted.contains(input);
    }

    /** The room for the gradient of an input that requires one; leaves keep theirs, the rest is the workspace's. */
    Gradient gradientOf(Variable input) {
        Tensor existing = input.gradient();
        if (existing != null) {
            return new Gradient(existing, true);
        }
        if (input.isLeaf()) {
            return new Gradient(input.startGradient(), false);
        }
        Tensor start = allocate(input.shape());
        buffers.adopt(start);
        input.adoptGradient(start);
        return new Gradient(start, false);
    }

    /** Adds {@code dx} to the gradient of {@code input}, if that requires one. */
    void addGradient(Variable input, Tensor dx) {
        if (needs(input)) {
            requireShape(input, dx);
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
            requireShape(input, dx);
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

    private void requireShape(Variable input, Tensor dx) {
        if (!dx.shape().equals(input.shape())) {
            throw new IllegalStateException(walking + ": backward made a gradient " + dx.shape() + " for an input "
                    + input.shape());
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
        requireWalkable(loss);
        if (!loss.requiresGradient()) {
            throw new IllegalStateException("backward: the loss depends on nothing that requires a gradient");
        }
        walk(loss, factor);
    }

    /**
     * The gradients of {@code loss} for {@code variables} alone, as tensors of their own: no other is computed, and those
     * that the variables have stay as they are. Zeros where the loss does not depend on a variable.
     *
     * @param variables leaves, or outputs of this tape's operations
     * @throws IllegalStateException if the tape does not record or was walked before
     * @throws IllegalArgumentException if {@code loss} is not a scalar, or a variable requires no gradient
     */
    public List<Tensor> gradients(Variable loss, List<? extends Variable> variables) {
        requireWalkable(loss);
        Set<Variable> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<Variable, Tensor> results = new IdentityHashMap<>();
        Map<Variable, Variable.Aside> asides = new IdentityHashMap<>();
        for (Variable variable : variables) {
            addHook("gradients", variable, dx -> results.put(variable, dx.copy()));
            chosen.add(variable);
        }
        chosen.forEach(variable -> asides.put(variable, variable.setGradientAside()));
        wanted = chosen;
        try {
            wantOutputs();
            if (chosen.contains(loss)) {
                walk(loss, 1f);
            }
        } finally {
            asides.forEach(Variable::restore);
        }
        return variables.stream().map(variable -> results.getOrDefault(variable, Tensor.zeros(variable.shape())))
                .toList();
    }

    /** Wants the outputs of the operations that read what is wanted, too: the way from the loss goes over them. */
    private void wantOutputs() {
        Set<Variable> all = wanted;
        for (int i = 0; all != null && i < steps.size(); i++) {
            for (Variable input : steps.get(i).inputs()) {
                if (input != null && all.contains(input)) {
                    all.add(steps.get(i).output());
                }
            }
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
        requireReachable("backward", 0, loss);
    }

    private void walk(Variable loss, float factor) {
        Tensor value = loss.value().copy();
        buffers.startBackward();
        gradientOf(loss).tensor().fill(factor);
        walk();
        loss.keepValue(value);
        if (hooks != null) {
            hooks.forEach((variable, each) -> {
                if (variable.isLeaf()) {
                    show(variable.gradient(), each);
                }
            });
        }
    }

    /** Goes back over the steps from gradients that are there. */
    private void walk() {
        walked = true;
        buffers.startBackward();
        wantOutputs();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            Variable output = step.output();
            Tensor dy = output.gradient();
            if (dy != null) {
                show(dy, hooks == null ? null : hooks.get(output));
                inHand = dy;
                walking = step.name();
                step.operation().backward(this, dy);
                if (detecting) {
                    Anomalies.requireFiniteGradients(step.name(), output, step.inputs());
                }
                output.clearGradient();
                if (inHand != null) {
                    buffers.releaseGradient(inHand);
                    inHand = null;
                }
                buffers.releaseScratch();
            }
            output.releaseValue();
            buffers.release(step.from(), step.to());
        }
    }

    private static void show(@Nullable Tensor gradient, @Nullable List<Consumer<Tensor>> hooks) {
        if (gradient != null && hooks != null) {
            hooks.forEach(hook -> hook.accept(gradient));
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
        steps.clear();
    }
}
