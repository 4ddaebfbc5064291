package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.WarmKernel.BF16;
import static dev.lorikeet.tensor.kernel.WarmKernel.BF16_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.F16;
import static dev.lorikeet.tensor.kernel.WarmKernel.F16_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.INT8_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS4;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS4_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS5;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS5_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS6;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS6_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS8;
import static dev.lorikeet.tensor.kernel.WarmKernel.QUANTS8_ROW;
import static dev.lorikeet.tensor.kernel.WarmKernel.SCALE;

import java.util.Arrays;

/**
 * {@link VectorDecodedRows} from the moment on at which C2 has compiled them; until then a row is multiplied with
 * weights that scalar code has decoded.
 */
final class StartingRows implements DecodedRows {
    private static final int CHAIN = Kernels.CHAIN;
    private static final ScalarDecoding SCALARS = new ScalarDecoding();
    private static final ScalarKernels PRODUCTS = new ScalarKernels();
    /** Scales and minima that leave a quant as it is, for as many columns and blocks as there may be. */
    private static final float[] ONES = filled(1f);
    private static final float[] NO_MINIMUM = filled(-0f);

    private final DecodedRows vectors;
    private final WarmUp warmUp;

    StartingRows(DecodedRows vectors, WarmUp warmUp) {
        this.vectors = vectors;
        this.warmUp = warmUp;
    }

    private static float[] filled(float value) {
        float[] array = new float[CHAIN / 16 * CHAIN];
        Arrays.fill(array, value);
        return array;
    }

    private Decoding of(WarmKernel kernel) {
        return warmUp.ready(kernel.bit) ? vectors : SCALARS;
    }

    private static void multiply(int steps, int width, float[] a, int ao, float[] weights, float[] c, int co,
            boolean accumulate) {
        PRODUCTS.matmul(1, width, steps, a, ao, steps, weights, 0, width, c, co, width, accumulate);
    }

    @Override
    public void bf16(int steps, int width, int[] words, int at, float[] out) {
        of(BF16).bf16(steps, width, words, at, out);
    }

    @Override
    public void f16(int steps, int width, int[] words, int at, float[] out) {
        of(F16).f16(steps, width, words, at, out);
    }

    @Override
    public void quants8(int steps, int width, int[] words, int at, int block, float[] scales, float[] mins,
            float[] out) {
        of(QUANTS8).quants8(steps, width, words, at, block, scales, mins, out);
    }

    @Override
    public void quants4(int steps, int width, int[] words, int at, int offset, int block, float[] scales, float[] mins,
            float[] out) {
        of(QUANTS4).quants4(steps, width, words, at, offset, block, scales, mins, out);
    }

    @Override
    public void quants5(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int offset, int block,
            float[] scales, float[] mins, float[] out) {
        of(QUANTS5).quants5(steps, width, low, lowAt, high, highAt, offset, block, scales, mins, out);
    }

    @Override
    public void quants6(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int block, float[] scales,
            float[] mins, float[] out) {
        of(QUANTS6).quants6(steps, width, low, lowAt, high, highAt, block, scales, mins, out);
    }

    @Override
    public void scale(int steps, int width, int block, float[] scales, float[] mins, int so, float[] out) {
        of(SCALE).scale(steps, width, block, scales, mins, so, out);
    }

    @Override
    public void bf16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co,
            boolean accumulate) {
        if (warmUp.ready(BF16_ROW.bit)) {
            vectors.bf16Row(steps, width, a, ao, words, at, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.bf16(steps, width, words, at, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }

    @Override
    public void f16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co,
            boolean accumulate) {
        if (warmUp.ready(F16_ROW.bit)) {
            vectors.f16Row(steps, width, a, ao, words, at, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.f16(steps, width, words, at, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }

    @Override
    public void int8Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] scales, int so,
            float[] c, int co, boolean accumulate) {
        if (warmUp.ready(INT8_ROW.bit)) {
            vectors.int8Row(steps, width, a, ao, words, at, scales, so, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.quants8(steps, width, words, at, CHAIN, ONES, NO_MINIMUM, own);
        float[] sums = Scratch.DECODED_SUMS.of(width);
        multiply(steps, width, a, ao, own, sums, 0, false);
        for (int j = 0; j < width; j++) {
            float product = sums[j] * scales[so + j];
            c[co + j] = accumulate ? c[co + j] + product : product;
        }
    }

    @Override
    public void quants8Row(int steps, int width, float[] a, int ao, int[] words, int at, int block, float[] scales,
            float[] c, int co, boolean accumulate) {
        if (warmUp.ready(QUANTS8_ROW.bit)) {
            vectors.quants8Row(steps, width, a, ao, words, at, block, scales, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.quants8(steps, width, words, at, block, scales, NO_MINIMUM, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }

    @Override
    public void quants4Row(int steps, int width, float[] a, int ao, int[] words, int at, int offset, int block,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        if (warmUp.ready(QUANTS4_ROW.bit)) {
            vectors.quants4Row(steps, width, a, ao, words, at, offset, block, scales, mins, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.quants4(steps, width, words, at, offset, block, scales, mins, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }

    @Override
    public void quants5Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt,
            int offset, int block, float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        if (warmUp.ready(QUANTS5_ROW.bit)) {
            vectors.quants5Row(steps, width, a, ao, low, lowAt, high, highAt, offset, block, scales, mins, c, co,
                    accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.quants5(steps, width, low, lowAt, high, highAt, offset, block, scales, mins, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }

    @Override
    public void quants6Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt,
            int block, float[] scales, float[] c, int co, boolean accumulate) {
        if (warmUp.ready(QUANTS6_ROW.bit)) {
            vectors.quants6Row(steps, width, a, ao, low, lowAt, high, highAt, block, scales, c, co, accumulate);
            return;
        }
        float[] own = Scratch.DECODED.of(steps * width);
        SCALARS.quants6(steps, width, low, lowAt, high, highAt, block, scales, NO_MINIMUM, own);
        multiply(steps, width, a, ao, own, c, co, accumulate);
    }
}
