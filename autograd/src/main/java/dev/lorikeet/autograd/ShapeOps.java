package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Columns;
import dev.lorikeet.tensor.Tensor;

/** Parts of a variable, and variables made of parts. */
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
            Tape.Gradient dx = t.gradientOf(x);
            if (!dx.accumulate()) {
                dx.tensor().fill(0f);
            }
            Columns.add(dy, dx.tensor(), from);
        }, x);
    }
}
