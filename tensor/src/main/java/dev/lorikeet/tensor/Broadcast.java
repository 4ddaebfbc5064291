package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Loops;

import java.util.Arrays;

/**
 * Two shapes as one, by NumPy's rules: axes are matched from the last, and one of size 1, or none, is read again and
 * again. Forward, plain arithmetic on the pairs; backward, the sum over what was read again.
 */
public final class Broadcast {
    /** Elements in one task. */
    private static final int CHUNK = 1 << 14;

    private final Shape shape;
    /** The axes of the result, those merged that both sides read alike, and how far apart each side's elements lie. */
    private final int[] dims;
    private final int[] lhs;
    private final int[] rhs;

    private Broadcast(Shape shape, int[] dims, int[] lhs, int[] rhs) {
        this.shape = shape;
        this.dims = dims;
        this.lhs = lhs;
        this.rhs = rhs;
    }

    /**
     * @param name the operation, as messages call it
     * @throws IllegalArgumentException if two sizes differ and neither is 1
     */
    public static Broadcast of(String name, Shape lhs, Shape rhs) {
        int rank = Math.max(lhs.rank(), rhs.rank());
        int[] dims = new int[rank];
        for (int axis = 1; axis <= rank; axis++) { // from the last
            int left = axis <= lhs.rank() ? lhs.dim(-axis) : 1;
            int right = axis <= rhs.rank() ? rhs.dim(-axis) : 1;
            if (left != right && left != 1 && right != 1) {
                throw new IllegalArgumentException(name + ": shapes do not broadcast, lhs " + lhs + ", rhs " + rhs);
            }
            dims[rank - axis] = left == 1 ? right : left;
        }
        return merged(Shape.of(dims), strides(lhs, dims), strides(rhs, dims));
    }

    /** 0 for an axis that is read again. */
    private static int[] strides(Shape shape, int[] dims) {
        int[] strides = new int[dims.length];
        int step = 1;
        for (int axis = 1; axis <= shape.rank(); axis++) {
            strides[dims.length - axis] = shape.dim(-axis) == 1 ? 0 : step;
            step *= shape.dim(-axis);
        }
        return strides;
    }

    /** Axes of size 1 go, neighbours that lie as one on both sides become one; one axis stays at least. */
    private static Broadcast merged(Shape shape, int[] lhs, int[] rhs) {
        int[] dims = {1};
        int[] left = {0};
        int[] right = {0};
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            int dim = shape.dim(axis);
            if (dims[0] == 1) {
                dims[0] = dim;
                left[0] = lhs[axis];
                right[0] = rhs[axis];
            } else if (dim != 1) {
                if (lhs[axis] == left[0] * dims[0] && rhs[axis] == right[0] * dims[0]) {
                    dims[0] *= dim;
                } else {
                    dims = before(dim, dims);
                    left = before(lhs[axis], left);
                    right = before(rhs[axis], right);
                }
            }
        }
        return new Broadcast(shape, dims, left, right);
    }

    private static int[] before(int first, int[] rest) {
        int[] all = new int[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** The shape of the result. */
    public Shape shape() {
        return shape;
    }

    /** z = x + y. */
    public void add(Compute compute, Tensor x, Tensor y, Tensor z) {
        forEachRow(compute, (n, zo, xo, yo) -> {
            int xs = lhs[lhs.length - 1];
            int ys = rhs[rhs.length - 1];
            for (int i = 0; i < n; i++) {
                z.data()[z.offset() + zo + i] = x.data()[x.offset() + xo + i * xs]
                        + y.data()[y.offset() + yo + i * ys];
            }
        });
    }

    /** z = x - y. */
    public void subtract(Compute compute, Tensor x, Tensor y, Tensor z) {
        forEachRow(compute, (n, zo, xo, yo) -> {
            int xs = lhs[lhs.length - 1];
            int ys = rhs[rhs.length - 1];
            for (int i = 0; i < n; i++) {
                z.data()[z.offset() + zo + i] = x.data()[x.offset() + xo + i * xs]
                        - y.data()[y.offset() + yo + i * ys];
            }
        });
    }

    /** z = x·y. z may be a side that has its shape. */
    public void multiply(Compute compute, Tensor x, Tensor y, Tensor z) {
        forEachRow(compute, (n, zo, xo, yo) -> {
            int xs = lhs[lhs.length - 1];
            int ys = rhs[rhs.length - 1];
            for (int i = 0; i < n; i++) {
                z.data()[z.offset() + zo + i] = x.data()[x.offset() + xo + i * xs]
                        * y.data()[y.offset() + yo + i * ys];
            }
        });
    }

    /**
     * dx = Σ dz over what broadcasting dx to the shape of dz would read again: a row's sum first, then row by row in
     * their order.
     *
     * @throws IllegalArgumentException if dx does not broadcast to the shape of dz
     */
    public static void sum(Compute compute, Tensor dz, Tensor dx) {
        Broadcast pair = of("sum", dx.shape(), dz.shape());
        if (!pair.shape.equals(dz.shape())) {
            throw new IllegalArgumentException("sum: " + dz.shape() + " into " + dx.shape());
        }
        int n = pair.dims[pair.dims.length - 1];
        boolean one = pair.lhs[pair.lhs.length - 1] == 0;
        dx.fill(0f);
        for (int row = 0; row < pair.rows(); row++) {
            int from = dz.offset() + row * n;
            int to = dx.offset() + pair.offset(row, pair.lhs);
            if (one) {
                dx.data()[to] += (float) Reductions.sum(compute.kernels(), n, dz.data(), from);
            } else {
                Loops.add(n, dz.data(), from, dx.data(), to, dx.data(), to);
            }
        }
    }

    /** The last axis, of n elements, at these offsets in the result and in the two sides. */
    private interface Row {
        void run(int n, int result, int lhs, int rhs);
    }

    private void forEachRow(Compute compute, Row work) {
        int n = dims[dims.length - 1];
        int rows = rows();
        int together = Math.max(1, CHUNK / Math.max(1, n));
        compute.workers().run(Math.ceilDiv(rows, together), task -> {
            for (int row = task * together; row < Math.min(rows, (task + 1) * together); row++) {
                work.run(n, row * n, offset(row, lhs), offset(row, rhs));
            }
        });
    }

    private int rows() {
        return Arrays.stream(dims, 0, dims.length - 1).reduce(1, (a, b) -> a * b);
    }

    /** Where a row of the result begins in a side. */
    private int offset(int row, int[] strides) {
        int offset = 0;
        int rest = row;
        for (int axis = dims.length - 2; axis >= 0; axis--) {
            offset += rest % dims[axis] * strides[axis];
            rest /= dims[axis];
        }
        return offset;
    }
}
