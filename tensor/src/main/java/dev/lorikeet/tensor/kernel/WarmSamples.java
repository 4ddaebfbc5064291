package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.kernel.WarmUp.Sample;
import java.util.Arrays;

/**
 * Small calls of each kernel, which go every way through it: a branch that C2 has seen none take it leaves out, and
 * compiles the kernel anew at the first that does.
 */
final class WarmSamples {
    private static final int SIZE = 64 * 64;
    /** Steps of a product: few, so that C2 counts calls and not rounds, and compiles the method and not its loop. */
    private static final int STEPS = 24;
    private static final int N = 263;
    private static final int QUERIES = AttentionKernels.QUERIES;
    private static final int CHAIN = Kernels.CHAIN;
    /** Nanoseconds for an element, between what compiled code takes and what objects do: of products, */
    private static final double PRODUCT = 1;
    /** sums and copies, */
    private static final double SUM = 6;
    /** and functions. */
    private static final double FUNCTION = 12;

    private final Kernels kernels;
    private final float[] x = filled();
    private final float[] y = filled();
    private final float[] z = filled();
    private final float[] row = filled();
    private final float[] weights = new float[CHAIN * CHAIN];
    private final int[] words = new int[SIZE];

    WarmSamples(Kernels kernels) {
        this.kernels = kernels;
    }

    private static float[] filled() {
        float[] array = new float[SIZE];
        Arrays.fill(array, 0.5f);
        return array;
    }

    Sample of(WarmKernel kernel) {
        if (kernel.compareTo(WarmKernel.ONE_VECTOR) <= 0) {
            return product(kernel);
        }
        return kernel.compareTo(WarmKernel.BF16) < 0 ? function(kernel)
                : kernel.compareTo(WarmKernel.BF16_ROW) < 0 ? decoding(kernel)
                        : decodedRow(kernel);
    }

    private Sample product(WarmKernel kernel) {
        int panel = VectorMatmul.PANEL;
        return switch (kernel) {
            case PANEL_ROW -> product(1, panel, 1);
            case PANEL_6 -> product(6, panel, 1);
            case PANEL_4 -> product(4, panel, 1);
            case PANEL_2 -> product(2, panel, 1);
            case PANEL_1 -> product(1, panel, 2);
            case TWO_VECTORS -> product(13, VectorTiles2.WIDTH, 1);
            default -> new Sample(() -> {
                product(15, VectorKernels.L, 1, VectorKernels.L, false);
                product(15, VectorKernels.L, 1, 2 * VectorKernels.L, true);
                kernels.matmul(24, VectorKernels.L, STEPS, x, 0, 1, 24, y, 0, VectorKernels.L, z, 0, VectorKernels.L,
                        true);
            }, PRODUCT * 54 * VectorKernels.L * STEPS);
        };
    }

    private Sample product(int m, int n, int step) {
        return new Sample(() -> {
            product(m, n, step, n, false);
            product(m, n, step, 2 * n, true);
        }, PRODUCT * 2 * m * n * STEPS);
    }

    private void product(int m, int n, int step, int ldb, boolean accumulate) {
        kernels.matmul(m, n, STEPS, x, 0, STEPS * step, step, y, 0, ldb, z, 0, n, accumulate);
    }

    private Sample function(WarmKernel kernel) {
        return switch (kernel) {
            case TRANSPOSE -> new Sample(() -> kernels.transpose(35, 35, x, 0, 35, z, 0, 35),
                    SUM * 4 * 35 * 35);
            case ADD_ROW -> new Sample(() -> kernels.addRow(7, 117, x, 0, z, 0, 117), SUM * 7 * 117);
            case SUM -> sum(() -> kernels.sum(N, x, 0));
            case DOT -> sum(() -> kernels.dot(N, x, 0, y, 0));
            case MAX -> sum(() -> kernels.max(N, x, 0));
            case EXP -> function(() -> kernels.exp(N, x, 0, 1, 1, z, 0));
            case SOFTMAX -> function(() -> kernels.softmax(1, N, x, 0, z, 0));
            case GELU -> function(() -> kernels.gelu(N, x, 0, z, 0));
            case GELU_BACKWARD -> function(() -> kernels.geluBackward(N, x, 0, y, 0, z, 0));
            case GELU_TANH -> function(() -> kernels.geluTanh(N, x, 0, z, 0));
            case GELU_TANH_BACKWARD -> function(() -> kernels.geluTanhBackward(N, x, 0, y, 0, z, 0));
            case SILU -> function(() -> kernels.silu(N, x, 0, z, 0));
            case SILU_BACKWARD -> function(() -> kernels.siluBackward(N, x, 0, y, 0, z, 0));
            case TANH -> function(() -> kernels.tanh(N, x, 0, z, 0));
            case ERF -> function(() -> kernels.erf(N, x, 0, z, 0));
            case LOG -> function(() -> kernels.log(N, x, 0, z, 0));
            case LAYER_NORM -> function(() -> kernels.layerNorm(N, x, 0, y, 0, y, 0, 1, z, 0, row, 0));
            case LAYER_NORM_BACKWARD -> function(
                    () -> kernels.layerNormBackward(N, x, 0, y, 0, row, 0, y, 0, z, 0));
            case RMS_NORM -> function(() -> kernels.rmsNorm(N, x, 0, y, 0, 1, z, 0, row, 0));
            case RMS_NORM_BACKWARD -> function(
                    () -> kernels.rmsNormBackward(N, x, 0, y, 0, row, 0, y, 0, z, 0));
            default -> attention(kernel);
        };
    }

    private static Sample sum(Runnable call) {
        return new Sample(call, SUM * N);
    }

    private static Sample function(Runnable call) {
        return new Sample(call, FUNCTION * N);
    }

    private Sample attention(WarmKernel kernel) {
        int keys = 13;
        return switch (kernel) {
            case ATTENTION_SOFTMAX -> new Sample(() -> {
                Arrays.fill(x, 0.5f);
                kernels.softmax(keys, QUERIES, x, 1, row, y);
            }, FUNCTION * keys * QUERIES);
            case SOFTMAX_BACKWARD -> new Sample(() -> {
                Arrays.fill(x, 0.5f);
                kernels.softmaxBackward(keys, QUERIES, x, 1, y, y, z, y);
            }, FUNCTION * keys * QUERIES);
            case WEIGHTED_SUMS -> new Sample(() -> {
                kernels.weightedSums(keys, 7, 48, x, y, 0, 48, z, 0, 48, false);
                kernels.weightedSums(keys, 5, 48, x, y, 0, 48, z, 0, 48, true);
                kernels.weightedSums(keys, 2, 48, x, y, 0, 48, z, 0, 48, true);
            }, SUM * keys * 20 * 48);
            case MEANS -> new Sample(() -> kernels.means(keys, 37, x, 0, 37, row), SUM * keys * 37);
            case SUBTRACT -> new Sample(() -> kernels.subtract(keys, 37, x, 0, 37, row, z),
                    SUM * keys * 37);
            default -> new Sample(() -> kernels.multiplyRows(keys, 37, y, x, 0, 37), SUM * keys * 37);
        };
    }

    private Sample decoding(WarmKernel kernel) {
        Decoding decoding = kernels.decoding();
        int width = VectorMatmul.PANEL;
        int steps = 32;
        return new Sample(switch (kernel) {
            case BF16 -> () -> decoding.bf16(steps, width, words, 0, weights);
            case F16 -> () -> decoding.f16(steps, width, words, 0, weights);
            case QUANTS8 -> () -> decoding.quants8(steps, width, words, 0, 16, x, y, weights);
            case QUANTS4 -> () -> decoding.quants4(steps, width, words, 0, 8, 16, x, y, weights);
            case QUANTS5 -> () -> decoding.quants5(steps, width, words, 0, words, 0, 0, 16, x, y,
                    weights);
            case QUANTS6 -> () -> decoding.quants6(steps, width, words, 0, words, 0, 16, x, y, weights);
            default -> () -> decoding.scale(steps, width, 16, x, y, 0, weights);
        }, PRODUCT * steps * width);
    }

    private Sample decodedRow(WarmKernel kernel) {
        DecodedRows rows = (DecodedRows) kernels.decoding();
        return new Sample(() -> {
            row(rows, kernel, false);
            row(rows, kernel, true);
        }, PRODUCT * 2 * 32 * VectorMatmul.PANEL);
    }

    private void row(DecodedRows rows, WarmKernel kernel, boolean add) {
        int width = VectorMatmul.PANEL;
        int steps = 32;
        switch (kernel) {
            case BF16_ROW -> rows.bf16Row(steps, width, row, 0, words, 0, z, 0, add);
            case F16_ROW -> rows.f16Row(steps, width, row, 0, words, 0, z, 0, add);
            case INT8_ROW -> rows.int8Row(steps, width, row, 0, words, 0, x, 0, z, 0, add);
            case QUANTS8_ROW -> rows.quants8Row(steps, width, row, 0, words, 0, 16, x, z, 0, add);
            case QUANTS4_ROW -> rows.quants4Row(steps, width, row, 0, words, 0, 0, 16,
                    x, y, z, 0, add);
            case QUANTS5_ROW -> rows.quants5Row(steps, width, row, 0, words, 0, words, 0, 0, 16, x, y, z,
                    0, add);
            default -> rows.quants6Row(steps, width, row, 0, words, 0, words, 0, 16, x, z, 0, add);
        }
    }
}
