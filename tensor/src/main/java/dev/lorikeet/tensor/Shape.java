package dev.lorikeet.tensor;

import java.util.Arrays;

/** The dimensions of a {@link Tensor}, outermost first. Immutable; a scalar has rank 0 and size 1. */
public final class Shape {
    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("shape: negative dimension in " + Arrays.toString(dims));
            }
            product *= dim;
            if (product > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "shape: more than 2^31-1 elements in " + Arrays.toString(dims));
            }
        }
        this.dims = dims;
        this.size = (int) product;
    }

    /** @throws IllegalArgumentException if a dimension is negative or the elements exceed 2^31-1 */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** As {@link #of(int...)}, of what most tensors are. */
    public static Shape of(int rows, int columns) {
        return new Shape(new int[] {rows, columns});
    }

    public int rank() {
        return dims.length;
    }

    /** The size of axis {@code axis}; negative axes count from the last, so {@code dim(-1)} is the row length. */
    public int dim(int axis) {
        return dims[axis < 0 ? axis + dims.length : axis];
    }

    /** The number of elements. */
    public int size() {
        return size;
    }

    public int[] dims() {
        return dims.clone();
    }

    /** The number of rows when every axis but the last is folded into one: (2, 3, 4) has 6 rows, (3, 0) has 3. */
    public int rows() {
        int rows = 1;
        for (int axis = 0; axis < dims.length - 1; axis++) {
            rows *= dims[axis];
        }
        return rows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code (512, 384)}. */
    @Override
    public String toString() {
        return Arrays.toString(dims).replace('[', '(').replace(']', ')');
    }
}
