package dev.lorikeet.tensor;

import org.jspecify.annotations.Nullable;

/**
 * Matrix products over all threads: blocking, packing and the fused bias and low-rank terms, on top of
 * {@link Kernels#matmul}, which alone decides in which order an element of the result is summed, so that blocking and
 * threads leave the bits alone.
 */
public final class Matmul {
    /** Rows of A in one task: few, so that no thread waits long for another's last task. */
    private static final int ROWS = 48;
    /** Columns of B in one task. */
    private static final int COLUMNS = 128;
    /** Columns in one task of a product with few rows, the gradient of an adapter: there are no others to share. */
    private static final int COLUMNS_OF_THIN = 64;

    private Matmul() {}

    /**
     * A rank-r term H·B beside a {@link #packed} product.
     *
     * @param h (m, r)
     * @param b (r, n)
     */
    public record LowRank(Tensor h, Tensor b) {}

    /**
     * C = A·B + H·L + bias, or C += A·B + H·L + bias where {@code accumulate}, in one pass over C.
     *
     * @param a (m, k)
     * @param b packed (k, n)
     * @param bias (n), added to each sum at its end; null for none
     * @param lowRank H·L, added after A·B; null for none
     * @param c (m, n), overwritten or added to
     */
    public static void packed(Compute compute, Tensor a, PackedMatrix b, @Nullable Tensor bias,
            @Nullable LowRank lowRank, Tensor c, boolean accumulate) {
        packed(compute, a, b, bias, lowRank, c, accumulate, null);
    }

    /**
     * As above, with {@code activated} (m, n) = gelu(C) from each part of C while that is in the cache.
     *
     * @param activated null for none
     */
    public static void packed(Compute compute, Tensor a, PackedMatrix b, @Nullable Tensor bias,
            @Nullable LowRank lowRank, Tensor c, boolean accumulate, @Nullable Tensor activated) {
        int m = a.shape().rows();
        int n = b.columns();
        check("matmul", a, b.rows(), n, c);
        if (activated != null) {
            check("matmul", a, b.rows(), n, activated);
        }
        int rowTasks = Math.ceilDiv(m, ROWS);
        int columnTasks = Math.ceilDiv(n, COLUMNS);
        compute.workers().run(rowTasks * columnTasks, task -> {
            int from = task % rowTasks * ROWS;
            int first = task / rowTasks * COLUMNS;
            int to = Math.min(m, from + ROWS);
            int last = Math.min(n, first + COLUMNS);
            block(compute.kernels(), a, b, bias, lowRank, c, accumulate, from, to, first, last);
            if (activated != null) {
                activate(compute.kernels(), c, activated, from, to, first, last);
            }
        });
    }

    private static void block(Kernels kernels, Tensor a, PackedMatrix b, @Nullable Tensor bias,
            @Nullable LowRank lowRank, Tensor c, boolean accumulate, int from, int to, int first, int last) {
        int k = b.rows();
        int n = b.columns();
        int at = c.offset() + from * n;
        for (int j = first; j < last; j += b.width) {
            kernels.matmul(to - from, Math.min(b.width, last - j), k, a.data(), a.offset() + from * k, k, b.panels,
                    b.panel(j), b.width, c.data(), at + j, n, accumulate);
        }
        if (lowRank != null) {
            int rank = lowRank.h().dim(-1);
            kernels.matmul(to - from, last - first, rank, lowRank.h().data(), lowRank.h().offset() + from * rank, rank,
                    lowRank.b().data(), lowRank.b().offset() + first, n, c.data(), at + first, n, true);
        }
        if (bias != null) { // last: a sum that began with a large bias would lose the digits of its small terms
            for (int i = from; i < to; i++) {
                int row = c.offset() + i * n + first;
                Elementwise.add(last - first, c.data(), row, bias.data(), bias.offset() + first, c.data(), row);
            }
        }
    }

    private static void activate(Kernels kernels, Tensor c, Tensor activated, int from, int to, int first, int last) {
        int n = c.dim(-1);
        for (int i = from; i < to; i++) {
            kernels.gelu(last - first, c.data(), c.offset() + i * n + first, activated.data(),
                    activated.offset() + i * n + first);
        }
    }

    /**
     * C = A·B or C += A·B for row-major A (m, k), B (k, n), read in place: for thin products, where packing does not
     * pay.
     */
    public static void plain(Compute compute, Tensor a, Tensor b, Tensor c, boolean accumulate) {
        int m = a.shape().rows();
        int k = b.dim(0);
        int n = b.dim(1);
        check("matmul", a, k, n, c);
        int tasks = Math.ceilDiv(m, ROWS);
        compute.workers().run(tasks, task -> {
            int from = task * ROWS;
            compute.kernels().matmul(Math.min(ROWS, m - from), n, k, a.data(), a.offset() + from * k, k, b.data(),
                    b.offset(), n, c.data(), c.offset() + from * n, n, accumulate);
        });
    }

    /**
     * C = Aᵀ·B or C += Aᵀ·B for row-major A (k, m), B (k, n): the gradient of a weight, summed over the rows.
     *
     * @param transposed room for Aᵀ, at least m·k elements
     */
    public static void transposedA(Compute compute, Tensor a, Tensor b, Tensor c, boolean accumulate,
            float[] transposed) {
        int k = a.shape().rows();
        int m = a.dim(-1);
        int n = b.dim(-1);
        if (b.shape().rows() != k || c.size() != m * n) {
            throw new IllegalArgumentException("matmul: A^T B with A " + a.shape() + ", B " + b.shape() + ", C "
                    + c.shape());
        }
        transpose(a.data(), a.offset(), k, m, transposed);
        int rowTasks = Math.ceilDiv(m, ROWS);
        int columns = m <= ROWS ? COLUMNS_OF_THIN : COLUMNS;
        int columnTasks = Math.ceilDiv(n, columns);
        compute.workers().run(rowTasks * columnTasks, task -> {
            int from = task % rowTasks * ROWS;
            int first = task / rowTasks * columns;
            compute.kernels().matmul(Math.min(ROWS, m - from), Math.min(columns, n - first), k, transposed, from * k,
                    k, b.data(), b.offset() + first, n, c.data(), c.offset() + from * n + first, n, accumulate);
        });
    }

    /** target (columns, rows) = sourceᵀ for source (rows, columns), in blocks that fit the first-level cache. */
    static void transpose(float[] source, int so, int rows, int columns, float[] target) {
        int block = 32;
        for (int i0 = 0; i0 < rows; i0 += block) {
            for (int j0 = 0; j0 < columns; j0 += block) {
                for (int i = i0; i < Math.min(rows, i0 + block); i++) {
                    for (int j = j0; j < Math.min(columns, j0 + block); j++) {
                        target[j * rows + i] = source[so + i * columns + j];
                    }
                }
            }
        }
    }

    /** {@code target} (n, m) = the transpose of {@code source} (m, n). */
    public static void transpose(Tensor source, Tensor target) {
        if (target.dim(0) != source.dim(1) || target.dim(1) != source.dim(0) || target.offset() != 0) {
            throw new IllegalArgumentException("transpose: " + source.shape() + " into " + target.shape());
        }
        transpose(source.data(), source.offset(), source.dim(0), source.dim(1), target.data());
    }

    private static void check(String operation, Tensor a, int k, int n, Tensor c) {
        if (a.dim(-1) != k) {
            throw new IllegalArgumentException(operation + ": inner dimensions differ, lhs " + a.shape() + ", rhs ("
                    + k + ", " + n + ")");
        }
        if (c.dim(-1) != n || c.shape().rows() != a.shape().rows()) {
            throw new IllegalArgumentException(operation + ": result " + c.shape() + " does not fit lhs " + a.shape()
                    + ", rhs (" + k + ", " + n + ")");
        }
    }
}
