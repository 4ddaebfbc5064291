package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Room;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that one tape has from its workspace. What a forward pass takes lives until the backward pass has used
 * it; what a backward pass takes lives for one operation, unless it becomes a gradient; a gradient lives until the
 * operation that made its variable has used it.
 */
final class Buffers implements Room {
    private final Workspace workspace;
    private final List<@Nullable Tensor> forward;
    private final List<Tensor> scratch = new ArrayList<>();
    private final List<Tensor> gradients;
    private final List<Shape> shapes = new ArrayList<>();
    private boolean backward;

    /** As long as those of six layers with adapters become: lists that grow leave their old arrays behind. */
    Buffers(Workspace workspace) {
        this(workspace, 384, new ArrayList<>(32));
    }

    /** @param count of the tensors of a forward pass */
    private Buffers(Workspace workspace, int count, List<Tensor> gradients) {
        this.workspace = workspace;
        this.forward = new ArrayList<>(count);
        this.gradients = gradients;
    }

    /** For a tape within this one's, with a layer: variables of both may get the gradients. */
    Buffers inner() {
        return new Buffers(workspace, 64, gradients);
    }

    @Override
    public Tensor take(Shape shape) {
        Tensor tensor = workspace.take(shape);
        (backward ? scratch : forward).add(tensor);
        return tensor;
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

    @Override
    public Tensor take(int rows, int columns) {
        return take(shape(rows, columns));
    }

    /** How many the forward pass has taken. */
    int count() {
        return forward.size();
    }

    /** From now on {@link #take} is for operations that go backward. */
    void startBackward() {
        backward = true;
    }

    /** Makes a tensor that the operation took a gradient, which outlives the operation. */
    void adopt(Tensor gradient) {
        if (remove(scratch, gradient)) {
            gradients.add(gradient);
        }
    }

    /** Gives a gradient back that has been used. */
    void releaseGradient(Tensor gradient) {
        if (remove(gradients, gradient)) {
            workspace.give(gradient);
        }
    }

    /** Gives back what an operation took on its way backward. */
    void releaseScratch() {
        for (int i = 0; i < scratch.size(); i++) {
            workspace.give(scratch.get(i));
        }
        scratch.clear();
    }

    /** Gives back those that the forward pass took as number {@code from} (inclusive) to {@code to} (exclusive). */
    void release(int from, int to) {
        for (int i = from; i < to; i++) {
            Tensor tensor = forward.set(i, null);
            if (tensor != null) {
                workspace.give(tensor);
            }
        }
    }

    /** Gives back one that the forward pass took. @return whether it did */
    boolean release(Tensor tensor) {
        boolean taken = forget(tensor);
        if (taken) {
            workspace.give(tensor);
        }
        return taken;
    }

    /** Makes a tensor that an inner tape's forward pass took one of this one's. @return whether it took it */
    boolean takeOver(Buffers inner, Tensor tensor) {
        boolean taken = inner.forget(tensor);
        if (taken) {
            forward.add(tensor);
        }
        return taken;
    }

    private boolean forget(Tensor tensor) {
        int at = last(forward, tensor);
        if (at >= 0) {
            forward.set(at, null);
        }
        return at >= 0;
    }

    /** Gives back all but the gradients, which may be another tape's. */
    void close() {
        release(0, forward.size());
        forward.clear();
        releaseScratch();
    }

    /** Gives back the gradients that nothing used. */
    void closeGradients() {
        gradients.forEach(workspace::give);
        gradients.clear();
    }

    private static boolean remove(List<Tensor> tensors, Tensor tensor) {
        int at = last(tensors, tensor);
        if (at >= 0) {
            tensors.remove(at);
        }
        return at >= 0;
    }

    /** The last index of this very tensor, or -1: what is looked for was taken late. */
    private static int last(List<? extends @Nullable Tensor> tensors, Tensor tensor) {
        int at = tensors.size() - 1;
        while (at >= 0 && tensors.get(at) != tensor) {
            at--;
        }
        return at;
    }
}
