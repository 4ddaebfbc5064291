package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * The matrix at {@code <path>.weight} of a layer, whose bytes are there once. While it is trained, and until something
 * computes with it, it is a tensor; from then on it is what was packed of it, shared by all threads, in
 * {@linkplain #format its format}. Tied layers share one object.
 */
public final class Weight extends Parameter {
    private final Layout layout;
    private WeightFormat format = WeightFormat.F32;
    /** Set before the tensor is let go, and cleared after there is one again. */
    private volatile @Nullable Packed packed;

    /** @param compute what took it */
    private record Packed(FrozenMatrix matrix, Compute compute) {}

    /** @param value (out, in) or (in, out), as {@code layout} says */
    public Weight(Tensor value, Layout layout) {
        super(value);
        if (value.shape().rank() != 2) {
            throw new IllegalArgumentException("weight: a matrix expected, not " + value.shape());
        }
        this.layout = layout;
    }

    /**
     * What {@code compute} took of a file, in the form in which it has it.
     *
     * @param matrix of this weight alone
     * @param layout of the shape and the gradient
     */
    public Weight(FrozenMatrix matrix, Compute compute, Layout layout) {
        super(layout == Layout.OUT_IN ? Shape.of(matrix.out(), matrix.in()) : Shape.of(matrix.in(), matrix.out()));
        this.layout = layout;
        this.format = matrix.format();
        this.packed = new Packed(matrix, compute);
    }

    /** How the matrix is laid out: its shape, that of its gradient, and that in files. */
    public Layout layout() {
        return layout;
    }

    /** The length of what a layer with this weight gives. */
    public int out() {
        return shape().dim(layout == Layout.OUT_IN ? 0 : 1);
    }

    /** The length of what a layer with this weight takes. */
    public int in() {
        return shape().dim(layout == Layout.OUT_IN ? 1 : 0);
    }

    /**
     * The matrix in {@link #layout}: a copy, decoded to float32, where it is packed. Write to it by {@link #set} alone.
     */
    @Override
    public Tensor value() {
        while (true) {
            Tensor tensor = held();
            if (tensor != null) {
                return tensor;
            }
            Packed current = packed;
            if (current != null) {
                return unpacked(current);
            }
        }
    }

    /** What was packed, or null while this is a tensor. */
    @Nullable
    FrozenMatrix packed() {
        Packed current = packed;
        return current == null ? null : current.matrix;
    }

    /**
     * What {@code compute} took, at the first call.
     *
     * @throws IllegalArgumentException if this is trained
     */
    public FrozenMatrix frozen(Compute compute) {
        Packed current = packed;
        return current != null ? current.matrix : pack(compute).matrix;
    }

    private synchronized Packed pack(Compute compute) {
        if (requiresGradient()) {
            throw new IllegalArgumentException("linear: a low-rank term needs a frozen weight");
        }
        Packed current = packed;
        if (current == null) {
            Tensor tensor = value();
            current = new Packed(compute.take(layout == Layout.OUT_IN ? tensor : turned(compute, tensor),
                    isAsLoaded() ? format : WeightFormat.F32), compute);
            packed = current;
            releaseValue();
        }
        return current;
    }

    private Tensor unpacked(Packed from) {
        Tensor tensor = from.matrix.toTensor();
        return layout == Layout.OUT_IN ? tensor : turned(from.compute, tensor);
    }

    private static Tensor turned(Compute compute, Tensor matrix) {
        Tensor result = Tensor.zeros(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(compute, matrix, result);
        return result;
    }

    /** Makes this a tensor of these values. */
    private void hold(Tensor tensor) {
        keepValue(tensor);
        packed = null;
    }

    @Override
    public synchronized void set(Tensor next) {
        Packed before = packed;
        if (before == null) {
            super.set(next);
        } else {
            replaceBy(next);
            before.matrix.close();
        }
    }

    private void replaceBy(Tensor next) {
        Tensor copy = Tensor.zeros(shape());
        copy.set(next);
        hold(copy);
        changed();
    }

    /** As {@link Parameter#replace}; what was packed stays as it was, for when this is taken back. */
    @Override
    public synchronized Replacement replace(Tensor next) {
        Packed before = packed;
        if (before == null) {
            return super.replace(next);
        }
        replaceBy(next);
        return replace(next, () -> unpacked(before), () -> putBack(before));
    }

    private synchronized void putBack(Packed before) {
        Packed meanwhile = packed;
        packed = before;
        releaseValue();
        if (meanwhile != null) {
            meanwhile.matrix.close();
        }
        changed();
    }

    @Override
    public synchronized void unfreeze() {
        Packed before = packed;
        if (before != null) {
            hold(unpacked(before));
            before.matrix.close();
        }
        super.unfreeze();
    }

    /** How this is packed. */
    public WeightFormat format() {
        return format;
    }

    /**
     * Has this packed in another format, from now on: gradients flow through it. A weight that was trained, or that
     * another one stands in for, is packed in float32 all the same.
     *
     * @throws IllegalArgumentException for a format of GGUF's blocks, which is never made from float32
     */
    public synchronized void format(WeightFormat next) {
        if (next.blockLength() > 1) {
            throw new IllegalArgumentException("linear: " + next + " is taken from the bytes of a file, not made from "
                    + "float32");
        }
        Packed before = packed;
        if (before != null && before.matrix.format() != next) {
            hold(unpacked(before));
            before.matrix.close();
        }
        format = next;
    }

    /** The bytes that this holds now. */
    public long bytes() {
        Packed current = packed;
        return current != null ? current.matrix.bytes() : 4L * shape().size();
    }
}
