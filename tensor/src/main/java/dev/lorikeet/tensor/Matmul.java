package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.AlignedRoom;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Scratch;

import java.util.Objects;

/**
 * Matrix products over all threads: blocking and packing, on top of {@link Kernels#matmul}, which alone decides in
 * which order an element of the result is summed, so that blocking and threads leave the bits alone.
 */
public final class Matmul {
    private static final int ROWS = Product.ROWS;

    /** Right-hand sides that are read where they are: too few rows to pay for a copy, … */
    private static final int FEW_ROWS = 24;
    /** … rows so short that they already lie together, if they are whole vectors, … */
    private static final int SHORT_ROW = 64;
    /** … or a matrix that stays in a cache. */
    private static final int IN_CACHE = 1 << 15;
    /** Elements of a right-hand side that are packed at once. */
    private static final int GROUP = 1 << 20;

    private Matmul() {}

    /** Whether an operand of {@link #multiply} is read as it is stored, N, or transposed, T: A first, then B. */
    public enum Form {
        /** A (m, k), B (k, n). */
        NN,
        /** A (m, k), B stored as (n, k). */
        NT,
        /** A stored as (k, m), B (k, n). */
        TN
    }

    /**
     * C = α·A·B + β·C as in BLAS (Dongarra et al. 1990), row-major: rows of a matrix lie {@code ld…} elements apart, so
     * that heads and slices are read in place. Where β = 0, C is not read.
     *
     * <p>α is a factor of the finished sums; C is scaled by β before, and with α = 1 the sums are added to it as
     * {@link Kernels#matmul} says.
     *
     * @param m rows of C
     * @param n columns of C
     * @param k length of the sums
     * @throws IllegalArgumentException if a leading dimension is shorter than a row
     * @throws IndexOutOfBoundsException if a matrix does not lie within its array
     */
    public static void multiply(Compute compute, Form form, int m, int n, int k, float alpha, float[] a, int ao,
            int lda, float[] b, int bo, int ldb, float beta, float[] c, int co, int ldc) {
        boolean turnedA = form == Form.TN;
        boolean turnedB = form == Form.NT;
        checkStored("A", a, ao, lda, turnedA ? k : m, turnedA ? m : k);
        checkStored("B", b, bo, ldb, turnedB ? n : k, turnedB ? k : n);
        checkStored("C", c, co, ldc, m, n);
        if (m == 0 || n == 0) {
            return;
        }
        if (turnedB && m <= FEW_ROWS && alpha == 1 && beta == 0) {
            fewRows(compute, m, n, k, a, ao, lda, b, bo, ldb, c, co, ldc);
            return;
        }
        if (turnedA && n > SHORT_ROW && m * k > IN_CACHE) {
            float[] rows = Scratch.LEFT.of(m * k);
            transpose(compute, k, m, a, ao, lda, rows, 0, k);
            multiply(compute, Form.NN, m, n, k, alpha, rows, 0, k, b, bo, ldb, beta, c, co, ldc);
            return;
        }
        int row = turnedA ? 1 : lda;
        int step = turnedA ? lda : 1;
        int width = compute.kernels().panelWidth(n);
        if (!turnedB && (m <= FEW_ROWS || width <= n && (n <= SHORT_ROW || k * n <= IN_CACHE))) {
            Product.of(compute.kernels(), m, k, alpha, a, ao, row, step, beta, c, co, ldc)
                    .run(compute.workers(), n, b, bo, ldb, 0);
            return;
        }
        int group = Math.max(1, GROUP / Math.max(1, k) / width) * width;
        AlignedRoom room = AlignedRoom.ofPanels(Math.min(group, Math.ceilDiv(n, width) * width) * k);
        float[] panels = room.array();
        int start = room.offset();
        for (int first = 0; first < n; first += group) {
            int columns = Math.min(group, n - first);
            int from = first;
            compute.workers().run(Math.ceilDiv(columns, width), task -> {
                int j = task * width;
                int count = Math.min(width, columns - j);
                if (turnedB) {
                    compute.kernels().transpose(count, k, b, bo + (from + j) * ldb, ldb, panels, start + j * k, width);
                } else {
                    for (int p = 0; p < k; p++) {
                        System.arraycopy(b, bo + p * ldb + from + j, panels, start + j * k + p * width, count);
                    }
                }
            });
            Product.of(compute.kernels(), m, k, alpha, a, ao, row, step, beta, c, co + first, ldc)
                    .run(compute.workers(), columns, panels, start, width, width * k);
        }
    }

    /**
     * C = A·Bᵀ as (B·Aᵀ)ᵀ, with the few rows of A as short rows of the right-hand side: B is read once, where it is.
     */
    private static void fewRows(Compute compute, int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo,
            int ldb, float[] c, int co, int ldc) {
        int width = compute.kernels().panelWidth(m);
        AlignedRoom room = AlignedRoom.ofPanels(width * (k + n));
        float[] turned = room.array();
        int start = room.offset();
        compute.kernels().transpose(m, k, a, ao, lda, turned, start, width);
        compute.workers().run(Math.ceilDiv(n, ROWS), task -> {
            int j = task * ROWS;
            int count = Math.min(ROWS, n - j);
            int sums = start + width * (k + j);
            compute.kernels().matmul(count, width, k, b, bo + j * ldb, ldb, turned, start, width, turned, sums, width,
                    false);
            compute.kernels().transpose(count, m, turned, sums, width, c, co + j, ldc);
        });
    }

    /**
     * C = α·A·B, or C += α·A·B where {@code accumulate}, on whole tensors.
     *
     * @param a (m, k), or stored as (k, m)
     * @param b (k, n), or stored as (n, k)
     * @param c (m, n)
     */
    public static void multiply(Compute compute, Form form, float alpha, Tensor a, Tensor b, Tensor c,
            boolean accumulate) {
        int m = form == Form.TN ? a.dim(-1) : a.shape().rows();
        int k = form == Form.TN ? a.shape().rows() : a.dim(-1);
        int n = form == Form.NT ? b.shape().rows() : b.dim(-1);
        if (k != (form == Form.NT ? b.dim(-1) : b.shape().rows())) {
            throw new IllegalArgumentException("matmul: inner dimensions differ, lhs " + a.shape() + ", rhs "
                    + b.shape() + " as " + form);
        }
        if (c.dim(-1) != n || c.shape().rows() != m) {
            throw new IllegalArgumentException("matmul: result " + c.shape() + " does not fit lhs " + a.shape()
                    + ", rhs " + b.shape() + " as " + form);
        }
        multiply(compute, form, m, n, k, alpha, a.data(), a.offset(), a.dim(-1), b.data(), b.offset(), b.dim(-1),
                accumulate ? 1f : 0f, c.data(), c.offset(), n);
    }

    /** {@code target} (n, m) = the transpose of {@code source} (m, n). */
    public static void transpose(Compute compute, Tensor source, Tensor target) {
        int m = source.dim(0);
        int n = source.dim(1);
        if (target.dim(0) != n || target.dim(1) != m) {
            throw new IllegalArgumentException("transpose: " + source.shape() + " into " + target.shape());
        }
        transpose(compute, m, n, source.data(), source.offset(), n, target.data(), target.offset(), m);
    }

    private static void transpose(Compute compute, int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo,
            int ldy) {
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            int i = task * ROWS;
            compute.kernels().transpose(Math.min(ROWS, rows - i), columns, x, xo + i * ldx, ldx, y, yo + i, ldy);
        });
    }

    private static void checkStored(String name, float[] data, int offset, int ld, int rows, int columns) {
        if (ld < columns) {
            throw new IllegalArgumentException("matmul: leading dimension " + ld + " of " + name + " (" + rows + ", "
                    + columns + ") is shorter than a row");
        }
        if (rows > 0 && columns > 0) {
            Objects.checkFromIndexSize(offset, Math.addExact(Math.multiplyExact(rows - 1, ld), columns), data.length);
        }
    }
}
