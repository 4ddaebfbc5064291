package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.FloatMath;
import dev.lorikeet.tensor.kernel.Kernels;

/**
 * Softmax and log-sum-exp over the rows of (rows, n) tensors, forward beside backward.
 *
 * <p>A row is read in blocks that stay in the nearest cache: its largest element and the sum of its exponentials take
 * one pass over memory, in which the sum shrinks whenever a block has a larger element (Milakov and Gimelshein 2018,
 * algorithm 3), and softmax takes a second.
 */
public final class Softmax {
    private static final int BLOCK = 2048;
    /** Elements in one task; a row is never cut. */
    private static final int CHUNK = 1 << 14;

    /** Exponentials of a block, of which the sum alone is wanted, and behind them the two statistics of a row. */
    private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[BLOCK + 2]);

    private Softmax() {}

    /** y = softmax(x): e^(x - max)/Σ e^(x - max). y may be x. */
    public static void forward(Compute compute, Tensor x, Tensor y) {
        int n = x.dim(-1);
        Kernels kernels = compute.kernels();
        if (n > BLOCK) { // a shorter row gets the same bits with half the exponentials, below
            forEachRow(compute, x, row -> {
                float[] scratch = SCRATCH.get();
                int from = x.offset() + row * n;
                statistics(kernels, n, x.data(), from, scratch, BLOCK);
                scaledExp(kernels, n, x.data(), from, scratch[BLOCK], 1 / scratch[BLOCK + 1], y.data(), y.offset()
                        + row * n);
            });
            return;
        }
        int rows = x.shape().rows();
        int share = rowsOfTask(n);
        compute.workers().run(Math.ceilDiv(rows, share), task -> {
            int from = task * share;
            kernels.softmax(Math.min(share, rows - from), n, x.data(), x.offset() + from * n, y.data(), y.offset()
                    + from * n);
        });
    }

    /** dx = y∘(dy - Σ y·dy) for y = softmax(x). dx may be dy. */
    public static void backward(Compute compute, Tensor y, Tensor dy, Tensor dx) {
        int n = y.dim(-1);
        forEachRow(compute, y, row -> {
            int from = y.offset() + row * n;
            int up = dy.offset() + row * n;
            int down = dx.offset() + row * n;
            float mean = compute.kernels().dot(n, y.data(), from, dy.data(), up);
            for (int j = 0; j < n; j++) {
                dx.data()[down + j] = y.data()[from + j] * (dy.data()[up + j] - mean);
            }
        });
    }

    /** y = log softmax(x): (x - max) - log Σ e^(x - max). y may be x. */
    public static void logForward(Compute compute, Tensor x, Tensor y) {
        int n = x.dim(-1);
        forEachRow(compute, x, row -> {
            float[] scratch = SCRATCH.get();
            int from = x.offset() + row * n;
            statistics(compute.kernels(), n, x.data(), from, scratch, BLOCK);
            float max = scratch[BLOCK];
            float log = (float) StrictMath.log(scratch[BLOCK + 1]);
            int to = y.offset() + row * n;
            for (int j = 0; j < n; j++) {
                y.data()[to + j] = x.data()[from + j] - max - log;
            }
        });
    }

    /** dx = dy - e^y·Σ dy for y = log softmax(x). dx may be y, but not dy. */
    public static void logBackward(Compute compute, Tensor y, Tensor dy, Tensor dx) {
        int n = y.dim(-1);
        exp(compute, y, dx);
        forEachRow(compute, y, row -> {
            int up = dy.offset() + row * n;
            int down = dx.offset() + row * n;
            float sum = compute.kernels().sum(n, dy.data(), up);
            for (int j = 0; j < n; j++) {
                dx.data()[down + j] = Math.fma(-dx.data()[down + j], sum, dy.data()[up + j]);
            }
        });
    }

    /** y = e^x. y may be x. */
    static void exp(Compute compute, Tensor x, Tensor y) {
        compute.workers().run(Math.ceilDiv(x.size(), CHUNK), task -> {
            int from = task * CHUNK;
            compute.kernels().exp(Math.min(CHUNK, x.size() - from), x.data(), x.offset() + from, 1f, 0f, y.data(),
                    y.offset() + from);
        });
    }

    /** y (rows) = log Σ e^x of each row; -∞ for a row of nothing but -∞. */
    public static void logSumExp(Compute compute, Tensor x, Tensor y) {
        int n = x.dim(-1);
        forEachRow(compute, x, row -> {
            float[] scratch = SCRATCH.get();
            statistics(compute.kernels(), n, x.data(), x.offset() + row * n, scratch, BLOCK);
            y.data()[y.offset() + row] = (float) (scratch[BLOCK] + StrictMath.log(scratch[BLOCK + 1]));
        });
    }

    /** {@code statistics} (rows, 2) takes the largest element of each row and Σ e^(x - max). */
    static void statistics(Compute compute, Tensor x, Tensor statistics) {
        int n = x.dim(-1);
        forEachRow(compute, x, row -> statistics(compute.kernels(), n, x.data(), x.offset() + row * n, statistics
                .data(), statistics.offset() + 2 * row));
    }

    private static void statistics(Kernels kernels, int n, float[] x, int xo, float[] statistics, int so) {
        float[] scratch = SCRATCH.get();
        float max = Float.NEGATIVE_INFINITY;
        float sum = 0;
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(BLOCK, n - from);
            float larger = Math.max(max, kernels.max(count, x, xo + from));
            if (larger != Float.NEGATIVE_INFINITY) { // e^(-∞ + ∞) is NaN
                sum = Math.fma(sum, FloatMath.exp(max - larger), kernels.exp(count, x, xo + from, 1f, larger, scratch,
                        0));
                max = larger;
            }
        }
        statistics[so] = max;
        statistics[so + 1] = sum;
    }

    /** y = factor·e^(x - shift). y may be x. */
    static void scaledExp(Kernels kernels, int n, float[] x, int xo, float shift, float factor, float[] y, int yo) {
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(BLOCK, n - from);
            kernels.exp(count, x, xo + from, 1f, shift, y, yo + from);
            scale(count, y, yo + from, factor);
        }
    }

    private static void scale(int n, float[] y, int yo, float factor) {
        for (int j = yo; j < yo + n; j++) {
            y[j] *= factor;
        }
    }

    private static int rowsOfTask(int n) {
        return Math.max(1, CHUNK / Math.max(1, n));
    }

    /** Work on one row. */
    interface Row {
        void run(int row);
    }

    static void forEachRow(Compute compute, Tensor x, Row work) {
        int rows = x.shape().rows();
        int share = rowsOfTask(x.dim(-1));
        compute.workers().run(Math.ceilDiv(rows, share), task -> {
            for (int row = task * share; row < Math.min(rows, (task + 1) * share); row++) {
                work.run(row);
            }
        });
    }
}
