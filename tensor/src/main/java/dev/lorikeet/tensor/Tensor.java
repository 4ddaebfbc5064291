package dev.lorikeet.tensor;

import java.util.Arrays;

/**
 * A dense float32 array with a {@link Shape}, row-major and contiguous from {@link #offset()} on.
 *
 * <p>A tensor is data and shape; the maths lives in the kernels. {@link #reshape} and {@link #rows} are views on the
 * same array; nothing else is. Heads and other strided parts are never copied out: kernels read them in place through
 * (array, offset, leading dimension), as in BLAS.
 */
public final class Tensor {
    private final float[] data;
    private final int offset;
    private final Shape shape;

    private Tensor(float[] data, int offset, Shape shape) {
        this.data = data;
        this.offset = offset;
        this.shape = shape;
    }

    /** A new tensor of zeros. */
    public static Tensor zeros(int... dims) {
        return zeros(Shape.of(dims));
    }

    /** A new tensor of zeros. */
    public static Tensor zeros(Shape shape) {
        return new Tensor(new float[shape.size()], 0, shape);
    }

    /**
     * A tensor on the first elements of {@code data}, which is not copied.
     *
     * @throws IllegalArgumentException if {@code data} is shorter than the shape needs
     */
    public static Tensor of(float[] data, int... dims) {
        return of(data, Shape.of(dims));
    }

    /** As {@link #of(float[], int...)}. */
    public static Tensor of(float[] data, Shape shape) {
        if (data.length < shape.size()) {
            throw new IllegalArgumentException(
                    "tensor: shape " + shape + " needs " + shape.size() + " elements, the array has " + data.length);
        }
        return new Tensor(data, 0, shape);
    }

    public Shape shape() {
        return shape;
    }

    /** The array behind this tensor: element 0 is at {@link #offset()}; the array may be longer than the tensor. */
    public float[] data() {
        return data;
    }

    public int offset() {
        return offset;
    }

    public int size() {
        return shape.size();
    }

    /** As {@link Shape#dim}. */
    public int dim(int axis) {
        return shape.dim(axis);
    }

    /** The element at {@code index}, one number for each axis. For tests and messages, not for loops. */
    public float get(int... index) {
        int at = 0;
        for (int axis = 0; axis < index.length; axis++) {
            at = at * shape.dim(axis) + index[axis];
        }
        return data[offset + at];
    }

    /**
     * The same elements under another shape.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public Tensor reshape(int... dims) {
        Shape other = Shape.of(dims);
        if (other.size() != size()) {
            throw new IllegalArgumentException("reshape: " + shape + " has " + size() + " elements, " + other + " has "
                    + other.size());
        }
        return new Tensor(data, offset, other);
    }

    /**
     * Rows {@code from} (inclusive) to {@code to} (exclusive) of the first axis, on the same elements.
     *
     * @throws IndexOutOfBoundsException if the range is not within the first axis
     */
    public Tensor rows(int from, int to) {
        if (from < 0 || to < from || to > dim(0)) {
            throw new IndexOutOfBoundsException("rows: [" + from + ", " + to + ") of " + shape);
        }
        int[] dims = shape.dims();
        int rowSize = dims[0] == 0 ? 0 : size() / dims[0];
        dims[0] = to - from;
        return new Tensor(data, offset + from * rowSize, Shape.of(dims));
    }

    /** A copy of the elements. */
    public float[] toArray() {
        return Arrays.copyOfRange(data, offset, offset + size());
    }

    /** A new tensor with the same elements and shape. */
    public Tensor copy() {
        return new Tensor(toArray(), 0, shape);
    }

    /**
     * Overwrites this tensor's elements with those of {@code source}.
     *
     * @throws IllegalArgumentException if the shapes differ
     */
    public void set(Tensor source) {
        if (!shape.equals(source.shape)) {
            throw new IllegalArgumentException("set: shapes differ, target " + shape + ", source " + source.shape);
        }
        System.arraycopy(source.data, source.offset, data, offset, size());
    }

    /** Sets every element to {@code value}. */
    public void fill(float value) {
        Arrays.fill(data, offset, offset + size(), value);
    }

    /** The shape and the first elements: {@code Tensor(2, 3)[0.1, 0.2, …]}. */
    @Override
    public String toString() {
        int shown = Math.min(6, size());
        String values = Arrays.toString(Arrays.copyOfRange(data, offset, offset + shown));
        return "Tensor" + shape + (shown < size() ? values.replace("]", ", …]") : values);
    }
}
