package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import dev.lorikeet.tensor.kernel.Kernels;

/**
 * {@link WeightFormat#INT8}: four weights to a word, and one scale for each row of W. Where B is W that is one for each
 * step of k, and weights are decoded to q·scale. Where B is Wᵀ it is one for each column, and multiplies each chain of
 * products with q: a multiplication for each weight would take more time than its byte takes from memory.
 */
final class Int8Panels extends CodedPanels {
    private static final int PER_WORD = 4;
    private static final int LARGEST = 127;

    private final int[] words;
    private final float[] scales;

    private Int8Panels(PanelGrid grid) {
        super(grid);
        words = new int[grid.words(PER_WORD)];
        scales = new float[grid.transposed() ? grid.paddedColumns() : grid.k()];
    }

    /** @throws IllegalArgumentException if a weight is infinite or NaN */
    static Int8Panels pack(PanelGrid grid, WeightSource source) {
        Int8Panels panels = new Int8Panels(grid);
        for (int row = 0; row < grid.rows(); row++) {
            float scale = largest(source, row, grid.columns()) / LARGEST;
            panels.scales[row] = scale;
            for (int x = 0; x < grid.columns(); x++) {
                grid.put(panels.words, PER_WORD, row, x, quant(source.at(row, x), scale) & 0xff);
            }
        }
        return panels;
    }

    private static float largest(WeightSource source, int row, int columns) {
        float largest = 0;
        for (int x = 0; x < columns; x++) {
            float weight = source.at(row, x);
            if (!Float.isFinite(weight)) {
                throw new IllegalArgumentException(
                        "pack: weight (" + row + ", " + x + ") = " + weight + " cannot be INT8");
            }
            largest = Math.max(largest, Math.abs(weight));
        }
        return largest;
    }

    /** The scale of the smallest numbers is rounded so much that w/scale may be more than 127, or that it is 0. */
    private static int quant(float weight, float scale) {
        return scale == 0 ? 0 : (int) Math.clamp(Math.rint((double) weight / scale), -LARGEST, LARGEST);
    }

    @Override
    public Int8Panels turned() {
        Int8Panels turned = new Int8Panels(grid.turned());
        turned.grid.putAll(PER_WORD, grid, words, turned.words);
        System.arraycopy(scales, 0, turned.scales, 0, grid.rows());
        return turned;
    }

    @Override
    public void columns(Kernels kernels, int column, int count, float[] to, int at) {
        super.columns(kernels, column, count, to, at);
        for (int i = 0; grid.transposed() && i < count * grid.k(); i++) {
            to[at + i] *= scales[column + i / grid.k()];
        }
    }

    @Override
    public long bytes() {
        return 4L * (words.length + scales.length);
    }

    @Override
    void decode(Decoding decoding, int column, int p, int steps, Room room) {
        int at = grid.word(PER_WORD, p, column);
        decoding.quants8(steps, grid.width(), words, at, CHAIN, ONES, NO_MINIMUM, room.weights);
        if (!grid.transposed()) {
            System.arraycopy(scales, p, room.scales, 0, steps);
            decoding.scale(steps, grid.width(), grid.width(), room.scales, NO_MINIMUM, 0, room.weights);
        }
    }

    @Override
    boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        boolean possible = steps % PER_WORD == 0 && grid.transposed();
        if (possible) {
            rows.int8Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), scales, column, c, co,
                    accumulate);
        }
        return possible;
    }

    @Override
    void multiplyDecoded(Kernels kernels, Room room, int column, int m, int n, int steps, float[] a, int ao, int lda,
            float[] c, int co, int ldc, boolean accumulate) {
        if (!grid.transposed()) {
            super.multiplyDecoded(kernels, room, column, m, n, steps, a, ao, lda, c, co, ldc, accumulate);
            return;
        }
        float[] products = room.products(m * n);
        super.multiplyDecoded(kernels, room, column, m, n, steps, a, ao, lda, products, 0, n, false);
        for (int i = 0; i < m; i++) {
            int row = co + i * ldc;
            for (int j = 0; j < n; j++) {
                float product = products[i * n + j] * scales[column + j];
                c[row + j] = accumulate ? c[row + j] + product : product;
            }
        }
    }
}
