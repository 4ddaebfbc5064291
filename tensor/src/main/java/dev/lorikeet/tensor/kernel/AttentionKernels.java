package dev.lorikeet.tensor.kernel;

/**
 * The inner loops of attention, part of {@link Kernels}.
 *
 * <p>They work on a block of scores that stands on its side: a row for each key, a column for each query, rows
 * {@link #QUERIES} apart. So whatever softmax takes of the keys of one query is taken down a column, and the columns
 * lie side by side in a vector: no sum crosses its lanes, and the order is that of the keys at any width. What stands
 * past the last query in a row is arithmetic without a meaning and may be overwritten, as it may in the arrays of a
 * number for each query, which are {@link #QUERIES} long.
 */
public interface AttentionKernels {
    /** The most queries of a block, and the distance between its rows; whole vectors at every width. */
    int QUERIES = 64;

    /**
     * The next keys of each query in softmax: with m the largest of shift and scale·s, s = exp(scale·s - m) for s
     * (keys, queries), sum = Σ s over these keys in their order, and shift = m. A score may be -∞, but not all so far.
     *
     * @param keys at least 1
     */
    void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum);

    /**
     * The gradient of softmax: s = p = exp(scale·s - shift)·inverse, the probabilities again, and dp = p·(dp -
     * delta)·scale, the scores' gradient from that of the probabilities, for s and dp (keys, queries).
     */
    void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse, float[] dp,
            float[] delta);

    /**
     * C = Pᵀ·B, or C += Pᵀ·B where {@code accumulate}, for P (keys, queries), B (keys, n), C (queries, n): the sum over
     * the keys is one chain, as in {@link Kernels#matmul}.
     */
    void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co, int ldc,
            boolean accumulate);

    /** mean[c] = Σ x[r, c]/rows for x (rows, n), the sum in the order of the rows. */
    void means(int rows, int n, float[] x, int xo, int ldx, float[] mean);

    /** y (rows, n) = x - mean, for x with rows {@code ldx} apart and y with none between them. */
    void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y);

    /** x[r, c] = x[r, c]·factor[r] for x (rows, n). */
    void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx);
}
