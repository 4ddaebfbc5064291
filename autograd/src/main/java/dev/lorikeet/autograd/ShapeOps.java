package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Columns;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import java.util.Arrays;

/** Parts of a variable, and variables made of parts. All are copies: no two variables share elements. */
public final class ShapeOps {
    private ShapeOps() {}

    /**
     * Columns {@code from} (inclusive) to {@code to} (exclusive) of x (rows, n): one of several projections that were
     * computed together.
     *
     * @return (rows, to - from)
     * @throws IndexOutOfBoundsException if the range is not within the columns
     */
    public static Variable columns(Tape tape, Variable x, int from, int to) {
        if (from < 0 || to < from || to > x.value().dim(-1)) {
            throw new IndexOutOfBoundsException("columns: [" + from + ", " + to + ") of " + x.value().shape());
        }
        Tensor y = tape.allocate(x.value().shape().rows(), to - from);
        Columns.read(x.value(), from, y);
        return tape.record("columns", y, (t, dy) -> {
            Target dx = t.gradientOf(x);
            if (!dx.accumulate()) {
                dx.tensor().fill(0f);
            }
            Columns.add(dy, dx.tensor(), from);
        }, x);
    }

    /**
     * The same elements under another shape.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public static Variable reshape(Tape tape, Variable x, int... dims) {
        Tensor turned = x.value().reshape(dims);
        Tensor y = tape.allocate(turned.shape());
        y.set(turned);
        return tape.record("reshape", y, (t, dy) -> t.addGradient(x, dy.reshape(x.value().shape().dims())), x);
    }

    /**
     * Elements {@code from} (inclusive) to {@code to} (exclusive) of an axis.
     *
     * @param axis negative ones count from the last
     * @throws IndexOutOfBoundsException if there is no such axis, or the range is not within it
     */
    public static Variable slice(Tape tape, Variable x, int axis, int from, int to) {
        int[] dims = x.value().shape().dims();
        int at = axis("slice", x, axis);
        if (from < 0 || to < from || to > dims[at]) {
            throw new IndexOutOfBoundsException("slice: [" + from + ", " + to + ") of axis " + axis + " of "
                    + x.value().shape());
        }
        dims[at] = to - from;
        Tensor y = tape.allocate(Shape.of(dims));
        int inner = product(dims, at + 1, dims.length);
        Columns.read(flat(x.value(), at), from * inner, flat(y, at));
        return tape.record("slice", y, (t, dy) -> {
            Target dx = t.gradientOf(x);
            if (!dx.accumulate()) {
                dx.tensor().fill(0f);
            }
            Columns.add(flat(dy, at), flat(dx.tensor(), at), from * inner);
        }, x);
    }

    /**
     * The inputs one behind the other along an axis; they have one shape but for that.
     *
     * @param axis negative ones count from the last
     * @throws IndexOutOfBoundsException if there is no such axis
     * @throws IllegalArgumentException if there is no input, or the shapes do not fit
     */
    public static Variable concat(Tape tape, int axis, Variable... inputs) {
        if (inputs.length == 0) {
            throw new IllegalArgumentException("concat: at least one input expected");
        }
        int at = axis("concat", inputs[0], axis);
        int[] dims = inputs[0].value().shape().dims();
        dims[at] = 0;
        for (Variable input : inputs) {
            int[] other = input.value().shape().dims();
            if (other.length == dims.length) {
                dims[at] += other[at];
                other[at] = dims[at];
            }
            if (!Arrays.equals(other, dims)) {
                throw new IllegalArgumentException("concat: shapes differ beside axis " + axis + ", first "
                        + inputs[0].value().shape() + ", other " + input.value().shape());
            }
        }
        Tensor y = tape.allocate(Shape.of(dims));
        int from = 0;
        for (Variable input : inputs) {
            Tensor part = flat(input.value(), at);
            Columns.write(part, flat(y, at), from);
            from += part.dim(1);
        }
        return tape.record("concat", y, (t, dy) -> {
            int start = 0;
            for (Variable input : inputs) {
                int width = flat(input.value(), at).dim(1);
                if (t.needs(input)) {
                    Tensor dx = t.allocate(input.value().shape());
                    Columns.read(flat(dy, at), start, flat(dx, at));
                    t.giveGradient(input, dx);
                }
                start += width;
            }
        }, inputs);
    }

    private static int axis(String name, Variable x, int axis) {
        int rank = x.value().shape().rank();
        if (axis < -rank || axis >= rank) {
            throw new IndexOutOfBoundsException(name + ": axis " + axis + " of " + x.value().shape());
        }
        return axis < 0 ? axis + rank : axis;
    }

    /** Two axes in place of those before {@code axis} and those from it on: a range of it is a range of columns. */
    private static Tensor flat(Tensor x, int axis) {
        int[] dims = x.shape().dims();
        return x.reshape(product(dims, 0, axis), product(dims, axis, dims.length));
    }

    private static int product(int[] dims, int from, int to) {
        return Arrays.stream(dims, from, to).reduce(1, (a, b) -> a * b);
    }

    /**
     * Row index[i] of x for each i.
     *
     * @param x (rows, n)
     * @return (index.length, n)
     * @throws IllegalArgumentException if x is no matrix, or an index is none of its rows
     */
    public static Variable gather(Tape tape, Variable x, int[] index) {
        return gather(tape, "gather", x, index, SequenceOps.NO_PADDING);
    }

    /** As {@link #gather(Tape, Variable, int[])} under another name; row {@code untrained} gets no gradient. */
    static Variable gather(Tape tape, String name, Variable x, int[] index, int untrained) {
        requireMatrix(name, x);
        requireRows(name, index, x.value().dim(0));
        Tensor y = tape.allocate(index.length, x.value().dim(1));
        WholeRows.gather(x.value(), index, y, false);
        return tape.record(name, y, (t, dy) -> {
            Target dx = t.gradientOf(x);
            if (!dx.accumulate()) {
                dx.tensor().fill(0f);
            }
            WholeRows.scatterAdd(dy, index, dx.tensor(), untrained);
        }, x);
    }

    /**
     * The sum of the rows i of x with index[i] = r, for each row r of the result; zero where there is none.
     *
     * @param x (index.length, n)
     * @param rows those of the result
     * @return (rows, n)
     * @throws IllegalArgumentException if x is no matrix of so many rows, or an index is none of {@code rows}
     */
    public static Variable scatterAdd(Tape tape, Variable x, int[] index, int rows) {
        requireMatrix("scatterAdd", x);
        if (index.length != x.value().dim(0)) {
            throw new IllegalArgumentException("scatterAdd: " + index.length + " indices for x " + x.value().shape());
        }
        requireRows("scatterAdd", index, rows);
        Tensor y = tape.allocate(rows, x.value().dim(1));
        y.fill(0f);
        WholeRows.scatterAdd(x.value(), index, y, -1);
        return tape.record("scatterAdd", y, (t, dy) -> {
            Target dx = t.gradientOf(x);
            WholeRows.gather(dy, index, dx.tensor(), dx.accumulate());
        }, x);
    }

    static void requireMatrix(String name, Variable x) {
        if (x.value().shape().rank() != 2) {
            throw new IllegalArgumentException(name + ": a matrix expected, x " + x.value().shape());
        }
    }

    static void requireRows(String name, int[] index, int rows) {
        for (int i : index) {
            if (i < 0 || i >= rows) {
                throw new IllegalArgumentException(name + ": index " + i + " is not one of " + rows + " rows");
            }
        }
    }
}
