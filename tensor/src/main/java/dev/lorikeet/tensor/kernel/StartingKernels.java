package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.WarmKernel.ADD_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.ATTENTION_SOFTMAX;
import static dev.lorikeet.tensor.kernel.WarmKernel.DOT;
import static dev.lorikeet.tensor.kernel.WarmKernel.ERF;
import static dev.lorikeet.tensor.kernel.WarmKernel.EXP;
import static dev.lorikeet.tensor.kernel.WarmKernel.GELU;
import static dev.lorikeet.tensor.kernel.WarmKernel.GELU_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.GELU_TANH;
import static dev.lorikeet.tensor.kernel.WarmKernel.GELU_TANH_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.LAYER_NORM;
import static dev.lorikeet.tensor.kernel.WarmKernel.LAYER_NORM_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.LOG;
import static dev.lorikeet.tensor.kernel.WarmKernel.MAX;
import static dev.lorikeet.tensor.kernel.WarmKernel.MEANS;
import static dev.lorikeet.tensor.kernel.WarmKernel.MULTIPLY_ROWS;
import static dev.lorikeet.tensor.kernel.WarmKernel.RMS_NORM;
import static dev.lorikeet.tensor.kernel.WarmKernel.RMS_NORM_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.SILU;
import static dev.lorikeet.tensor.kernel.WarmKernel.SILU_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.SOFTMAX;
import static dev.lorikeet.tensor.kernel.WarmKernel.SOFTMAX_BACKWARD;
import static dev.lorikeet.tensor.kernel.WarmKernel.SUBTRACT;
import static dev.lorikeet.tensor.kernel.WarmKernel.SUM;
import static dev.lorikeet.tensor.kernel.WarmKernel.TANH;
import static dev.lorikeet.tensor.kernel.WarmKernel.TRANSPOSE;
import static dev.lorikeet.tensor.kernel.WarmKernel.WEIGHTED_SUMS;

/**
 * {@link VectorKernels} from the moment on at which C2 has compiled them, until then {@link ScalarKernels}, each kernel
 * for itself: the bits are the same, and the first seconds of a JVM are not spent on vectors that are objects.
 */
final class StartingKernels implements Kernels {
    private final Kernels vectors;
    private final Kernels scalars = new ScalarKernels();
    private final WarmUp warmUp;
    private final Decoding decoding;

    StartingKernels(Kernels vectors, WarmUp warmUp) {
        this.vectors = vectors;
        this.warmUp = warmUp;
        this.decoding = vectors.decoding() instanceof DecodedRows rows ? new StartingRows(rows, warmUp)
                : vectors.decoding();
    }

    private Kernels of(WarmKernel kernel) {
        return warmUp.ready(kernel.bit) ? vectors : scalars;
    }

    @Override
    public String name() {
        return vectors.name();
    }

    @Override
    public int panelWidth() {
        return vectors.panelWidth();
    }

    @Override
    public int panelWidth(int columns) {
        return vectors.panelWidth(columns);
    }

    @Override
    public void matmul(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb, float[] c,
            int co, int ldc, boolean accumulate) {
        Kernels kernels = warmUp.ready(VectorMatmul.tiles(m, n, step)) ? vectors : scalars;
        kernels.matmul(m, n, k, a, ao, lda, step, b, bo, ldb, c, co, ldc, accumulate);
    }

    @Override
    public Decoding decoding() {
        return decoding;
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        of(TRANSPOSE).transpose(rows, columns, x, xo, ldx, y, yo, ldy);
    }

    @Override
    public float sum(int n, float[] x, int xo) {
        return of(SUM).sum(n, x, xo);
    }

    @Override
    public float dot(int n, float[] x, int xo, float[] y, int yo) {
        return of(DOT).dot(n, x, xo, y, yo);
    }

    @Override
    public float max(int n, float[] x, int xo) {
        return of(MAX).max(n, x, xo);
    }

    @Override
    public float exp(int n, float[] x, int xo, float scale, float shift, float[] y, int yo) {
        return of(EXP).exp(n, x, xo, scale, shift, y, yo);
    }

    @Override
    public void softmax(int rows, int n, float[] x, int xo, float[] y, int yo) {
        of(SOFTMAX).softmax(rows, n, x, xo, y, yo);
    }

    @Override
    public void gelu(int n, float[] x, int xo, float[] y, int yo) {
        of(GELU).gelu(n, x, xo, y, yo);
    }

    @Override
    public void geluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        of(GELU_BACKWARD).geluBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void geluTanh(int n, float[] x, int xo, float[] y, int yo) {
        of(GELU_TANH).geluTanh(n, x, xo, y, yo);
    }

    @Override
    public void geluTanhBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        of(GELU_TANH_BACKWARD).geluTanhBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void silu(int n, float[] x, int xo, float[] y, int yo) {
        of(SILU).silu(n, x, xo, y, yo);
    }

    @Override
    public void siluBackward(int n, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo) {
        of(SILU_BACKWARD).siluBackward(n, x, xo, dy, dyo, dx, dxo);
    }

    @Override
    public void tanh(int n, float[] x, int xo, float[] y, int yo) {
        of(TANH).tanh(n, x, xo, y, yo);
    }

    @Override
    public void erf(int n, float[] x, int xo, float[] y, int yo) {
        of(ERF).erf(n, x, xo, y, yo);
    }

    @Override
    public void log(int n, float[] x, int xo, float[] y, int yo) {
        of(LOG).log(n, x, xo, y, yo);
    }

    @Override
    public void layerNorm(int n, float[] x, int xo, float[] gamma, int go, float[] beta, int bo, float eps, float[] y,
            int yo, float[] statistics, int so) {
        of(LAYER_NORM).layerNorm(n, x, xo, gamma, go, beta, bo, eps, y, yo, statistics, so);
    }

    @Override
    public void layerNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        of(LAYER_NORM_BACKWARD).layerNormBackward(n, x, xo, gamma, go, statistics, so, dy, dyo, dx, dxo);
    }

    @Override
    public void rmsNorm(int n, float[] x, int xo, float[] gamma, int go, float eps, float[] y, int yo,
            float[] statistics, int so) {
        of(RMS_NORM).rmsNorm(n, x, xo, gamma, go, eps, y, yo, statistics, so);
    }

    @Override
    public void rmsNormBackward(int n, float[] x, int xo, float[] gamma, int go, float[] statistics, int so,
            float[] dy, int dyo, float[] dx, int dxo) {
        of(RMS_NORM_BACKWARD).rmsNormBackward(n, x, xo, gamma, go, statistics, so, dy, dyo, dx, dxo);
    }

    @Override
    public void softmax(int keys, int queries, float[] s, float scale, float[] shift, float[] sum) {
        of(ATTENTION_SOFTMAX).softmax(keys, queries, s, scale, shift, sum);
    }

    @Override
    public void softmaxBackward(int keys, int queries, float[] s, float scale, float[] shift, float[] inverse,
            float[] dp, float[] delta) {
        of(SOFTMAX_BACKWARD).softmaxBackward(keys, queries, s, scale, shift, inverse, dp, delta);
    }

    @Override
    public void weightedSums(int keys, int queries, int n, float[] p, float[] b, int bo, int ldb, float[] c, int co,
            int ldc, boolean accumulate) {
        of(WEIGHTED_SUMS).weightedSums(keys, queries, n, p, b, bo, ldb, c, co, ldc, accumulate);
    }

    @Override
    public void means(int rows, int n, float[] x, int xo, int ldx, float[] mean) {
        of(MEANS).means(rows, n, x, xo, ldx, mean);
    }

    @Override
    public void subtract(int rows, int n, float[] x, int xo, int ldx, float[] mean, float[] y) {
        of(SUBTRACT).subtract(rows, n, x, xo, ldx, mean, y);
    }

    @Override
    public void addRow(int rows, int n, float[] row, int ro, float[] x, int xo, int ldx) {
        of(ADD_ROW).addRow(rows, n, row, ro, x, xo, ldx);
    }

    @Override
    public void multiplyRows(int rows, int n, float[] factor, float[] x, int xo, int ldx) {
        of(MULTIPLY_ROWS).multiplyRows(rows, n, factor, x, xo, ldx);
    }
}
