package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Loops;
import dev.lorikeet.tensor.kernel.Scratch;
import dev.lorikeet.tensor.packed.Epilogue.Activated;
import dev.lorikeet.tensor.packed.Epilogue.LowRank;
import org.jspecify.annotations.Nullable;

/**
 * A product with a packed right-hand side, cut into tasks: each makes a part of C from its sums to its activation. In
 * which order an element is summed {@link Kernels#matmul} alone decides, so that tasks and threads leave the bits
 * alone.
 */
public record PackedProduct(Kernels kernels, Tensor a, PackedMatrix b, Epilogue epilogue, Tensor c, boolean accumulate)
        implements
            Workers.Part {
    /** Rows of A in one task: few, so that no thread waits long for another's last task. */
    private static final int ROWS = 48;
    /** Columns of B in one task. */
    private static final int COLUMNS = 64;
    /** Columns that rows are multiplied with before others are, where that many of B stay in the cache. */
    private static final int BLOCK = 256;
    /** Elements of B in a block at most: a megabyte, half of the second cache of today's servers or all of it. */
    private static final int CACHED = 1 << 18;

    /**
     * C = A·B with what {@code epilogue} adds, or C += that where {@code accumulate}, in one pass over C.
     *
     * @param a (m, k)
     * @param b packed (k, n)
     * @param epilogue scale, low-rank term, bias, residual and activation, as far as there are any
     * @param c (m, n), overwritten or added to
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static void multiply(Compute compute, Tensor a, PackedMatrix b, Epilogue epilogue, Tensor c,
            boolean accumulate) {
        PackedProduct product = new PackedProduct(compute.kernels(), a, b, epilogue, c, accumulate);
        product.check();
        compute.workers().run(product.tasks(), product);
    }

    private int rows() {
        return a.shape().rows();
    }

    /** @throws IllegalArgumentException if the shapes do not fit together */
    void check() {
        if (a.dim(-1) != b.rows()) {
            throw new IllegalArgumentException("matmul: inner dimensions differ, " + operands());
        }
        checkResult("result", c);
        LowRank lowRank = epilogue.lowRank();
        if (lowRank != null && (lowRank.h().shape().rows() != rows() || lowRank.l().dim(-1) != b.columns()
                || lowRank.h().dim(-1) != lowRank.l().shape().rows())) {
            throw misfit("low-rank term", lowRank.h().shape() + "·" + lowRank.l().shape());
        }
        Tensor bias = epilogue.bias();
        if (bias != null && bias.size() != b.columns()) {
            throw misfit("bias", bias.shape());
        }
        Tensor residual = epilogue.residual();
        checkResult("residual", residual);
        if (residual != null && residual.data() == c.data() && residual.offset() == c.offset()) {
            throw new IllegalArgumentException("matmul: the residual " + residual.shape()
                    + " is the result itself, to which a product that accumulates adds");
        }
        Activated activated = epilogue.activated();
        checkResult("activated", activated == null ? null : activated.result());
    }

    private void checkResult(String name, @Nullable Tensor x) {
        if (x != null && (x.dim(-1) != b.columns() || x.shape().rows() != rows())) {
            throw misfit(name, x.shape());
        }
    }

    private IllegalArgumentException misfit(String name, Object shape) {
        return new IllegalArgumentException("matmul: " + name + " " + shape + " does not fit " + operands());
    }

    private String operands() {
        return "lhs " + a.shape() + ", rhs (" + b.rows() + ", " + b.columns() + ")";
    }

    int tasks() {
        return Math.ceilDiv(rows(), ROWS) * Math.ceilDiv(b.columns(), COLUMNS);
    }

    @Override
    public void run(int task) {
        int rowTasks = Math.ceilDiv(rows(), ROWS);
        int columnTasks = Math.ceilDiv(b.columns(), COLUMNS);
        int inBlock = Math.clamp(CACHED / COLUMNS / Math.max(1, b.rows()), 1, BLOCK / COLUMNS);
        int block = task / (rowTasks * inBlock);
        int wide = Math.min(inBlock, columnTasks - block * inBlock);
        int rest = task - block * rowTasks * inBlock;
        int from = rest / wide * ROWS;
        int first = (block * inBlock + rest % wide) * COLUMNS;
        int to = Math.min(rows(), from + ROWS);
        int last = Math.min(b.columns(), first + COLUMNS);
        if (epilogue.scale() == 1) {
            multiply(from, to, first, last, c.data(), at(c, from, first), b.columns(), accumulate);
        } else {
            multiplyScaled(from, to, first, last);
        }
        LowRank lowRank = epilogue.lowRank();
        if (lowRank != null) {
            int rank = lowRank.h().dim(-1);
            kernels.matmul(to - from, last - first, rank, lowRank.h().data(), lowRank.h().offset() + from * rank, rank,
                    lowRank.l().data(), lowRank.l().offset() + first, b.columns(), c.data(), at(c, from, first),
                    b.columns(), true);
        }
        Tensor bias = epilogue.bias();
        if (bias != null) {
            kernels.addRow(to - from, last - first, bias.data(), bias.offset() + first, c.data(), at(c, from, first),
                    b.columns());
        }
        if (epilogue.residual() != null || epilogue.activated() != null) {
            for (int i = from; i < to; i++) {
                finish(i, first, last - first);
            }
        }
    }

    /** The index of an element of a tensor of C's shape. */
    private int at(Tensor x, int row, int column) {
        return x.offset() + row * b.columns() + column;
    }

    private void multiply(int from, int to, int first, int last, float[] sums, int so, int lds, boolean add) {
        int k = b.rows();
        for (int j = first; j < last; j += b.width) {
            b.multiply(kernels, j, to - from, Math.min(b.width, last - j), a.data(), a.offset() + from * k, k, sums,
                    so + j - first, lds, add);
        }
    }

    private void multiplyScaled(int from, int to, int first, int last) {
        int n = last - first;
        float[] sums = Scratch.SUMS.of((to - from) * n);
        multiply(from, to, first, last, sums, 0, n, false);
        for (int i = from; i < to; i++) {
            if (accumulate) {
                Loops.addScaled(n, sums, (i - from) * n, epilogue.scale(), c.data(), at(c, i, first));
            } else {
                Loops.scale(n, sums, (i - from) * n, epilogue.scale(), c.data(), at(c, i, first));
            }
        }
    }

    /** The residual of a part of a row, and its activation. */
    private void finish(int row, int column, int n) {
        int to = at(c, row, column);
        Tensor residual = epilogue.residual();
        if (residual != null) {
            Loops.add(n, c.data(), to, residual.data(), at(residual, row, column), c.data(), to);
        }
        Activated activated = epilogue.activated();
        if (activated != null) {
            Tensor result = activated.result();
            activated.activation().apply(kernels, n, c.data(), to, result.data(), at(result, row, column));
        }
    }
}
