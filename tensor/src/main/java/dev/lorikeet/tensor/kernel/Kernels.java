package dev.lorikeet.tensor.kernel;

/**
 * The single-threaded inner loops whose bits depend on how they are written: matrix products, sums and the functions
 * built on exp, erf, tanh and log; those of attention have a file of their own. Everything else (blocking, threads,
 * plain element-wise loops) is written once, on top.
 *
 * <p>{@link ScalarKernels} is the specification; {@link VectorKernels} must give the same bits at every vector width.
 * Arrays come as (array, offset); matrices are row-major with a leading dimension {@code ld…}, the distance between
 * rows. Implementations hold no state and are safe to share between threads. Arguments are checked by the callers.
 *
 * <p><b>Sums</b> (all but the matrix product): element i is added to lane i mod 16, lanes start at +0; then lane j
 * takes lane j + 8, j + 4, j + 2, j + 1 in turn. The result is in lane 0.
 */
public interface Kernels extends AttentionKernels {
    /** The number of steps in one chain of a matrix product. */
    int CHAIN = 128;

    /** For example {@code scalar} or {@code vector 256}. */
    String name();

    /** The number of columns of a packed panel that {@link #matmul} likes best. */
    int panelWidth();

    /** That of a panel for so few columns: whole vectors of them, whatever stands in the rest. */
    default int panelWidth(int columns) {
        return Math.min(columns, panelWidth());
    }

    /**
     * C = A·B, or C += A·B where {@code accumulate}: A (m, k), B (k, n), C (m, n). Element (i, p) of A stands at
     * {@code a[ao + i·lda + p·step]}, so that a matrix stored by columns is read in place too, with lda = 1.
     *
     * <p>Each {@value #CHAIN} steps of p are one chain {@code s = fma(a[i,p], b[p,j], s)} from s = 0; the chains are
     * added up in their order, the first to C's element where {@code accumulate}. The rounding error of a chain grows
     * with its length: with chains as long as k the logits of MiniLM were less exact than PyTorch's, with these they
     * are more so. C may not overlap A or B.
     */
    void matmul(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate);

    /** As above for row-major A. */
    default void matmul(int m, int n, int k, float[] a, int ao, int lda, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        matmul(m, n, k, a, ao, lda, 1, b, bo, ldb, c, co, ldc, accumulate);
    }

    /** Y (columns, rows) = Xᵀ for X (rows, columns), their rows {@code ld…} apart. */
    void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy);

    /**
     * x = x + row for each row of x (rows, n), {@code ldx} apart: the bias of a part of a matrix, whose rows are too
     * short for a loop each.
     */
    void addRow(int rows, int n, float[] row, int ro, float[] x, int xo, int ldx);

    /** How weights that are not stored as float32 become so. */
    Decoding decoding();

    /** Σ x. */
    float sum(int n, float[] x, int xo);

    /** Σ x·y, each lane a chain of fused multiply-adds. */
    float dot(int n, float[] x, int xo, float[] y, int yo);

    /** The largest element, +0 where it is a zero, -∞ for n = 0; unspecified if one is NaN. */
    float max(int n, float[] x, int xo);

    /** y = exp(scale·x - shift), and Σ y as the result. x may be y. */
    float exp(int n, float[] x, int xo, float scale, float shift, float[] y, int yo);

    /** Softmax of each of {@code rows} rows of n: y = e^(x - max)/Σ e^(x - max). x may be y. */
    void softmax(int rows, int n, float[] x, int xo, float[] y, int yo);

    /** y = x·Φ(x), GELU in its exact form, Φ(x) = (1 + erf(x/√2))/2 (Hendrycks and Gimpel 2016). x may be y. */
    void gelu(int n, float[] x, int xo, float[] y, int yo);

    /** dx = dy·(Φ(x) + x·φ(x)), the derivative of {@link #gelu}; x is the input of the forward pass. dy may be dx. */
    void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo);

    /**
     * y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), GELU's approximation (Hendrycks and Gimpel 2016), Hugging Face's
     * {@code gelu_new}; computed as x·σ(u) with u twice the argument of tanh. x may be y.
     */
    void geluTanh(int n, float[] x, int xo, float[] y, int yo);

    /** dx = dy·s·(1 + x·u'·e·s) with e = e^(-u), s = 1/(1 + e): the derivative of {@link #geluTanh}. dy may be dx. */
    void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo);

    /** y = x·σ(x), SiLU, with σ(x) = 1/(1 + e^(-x)) (Elfwing et al. 2018). x may be y. */
    void silu(int n, float[] x, int xo, float[] y, int yo);

    /** dx = dy·s·(1 + x·e·s) with e = e^(-x), s = 1/(1 + e): the derivative of {@link #silu}. dy may be dx. */
    void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo);

    /** y = tanh(x). x may be y. */
    void tanh(int n, float[] x, int xo, float[] y, int yo);

    /** y = erf(x), 2/√π·∫₀ˣ e^(-t²) dt. x may be y. */
    void erf(int n, float[] x, int xo, float[] y, int yo);

    /** y = log(x), the natural logarithm; -∞ for 0, NaN below. x may be y. */
    void log(int n, float[] x, int xo, float[] y, int yo);

    /**
     * One row of layer normalisation (Ba et al. 2016): y = (x - μ)·r·γ + β with μ the mean, r = 1/√(σ² + eps) and σ²
     * the biased variance. {@code statistics[so]} takes μ, {@code statistics[so + 1]} takes r.
     */
    void layerNorm(int n, float[] x, int xo, float[] gamma, int go, float[] beta, int bo, float eps, float[] y, int yo,
            float[] statistics, int so);

    /**
     * The gradient of one row of {@link #layerNorm} for x: with g = dy·γ and x̂ = (x - μ)·r,
     * dx = r·(g - mean(g) - x̂·mean(g·x̂)).
     */
    void layerNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so, float[] dy,
            int dyo, float[] dx, int dxo);

    /**
     * One row of RMS normalisation (Zhang and Sennrich 2019, eq. 4): y = x·r·γ with r = 1/√(mean(x²) + eps), which
     * {@code statistics[so]} takes.
     */
    void rmsNorm(int n, float[] x, int xo, float[] gamma, int go, float eps, float[] y, int yo, float[] statistics,
            int so);

    /** The gradient of one row of {@link #rmsNorm} for x: with g = dy·γ and x̂ = x·r, dx = r·(g - x̂·mean(g·x̂)). */
    void rmsNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so, float[] dy,
            int dyo, float[] dx, int dxo);
}
