package dev.lorikeet.tensor;

/**
 * {@link WeightFormat#INT8}: four weights to a word, and one scale for each row of W. Where B is Wᵀ that is one for each
 * column of the panel; else one for each step of k.
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
    public long bytes() {
        return 4L * (words.length + scales.length);
    }

    @Override
    void decode(Decoding decoding, int column, int p, int steps, Room room) {
        int width = grid.width();
        int at = grid.word(PER_WORD, p, column);
        if (grid.transposed()) {
            decoding.quants8(steps, width, words, at, CHAIN, scales, column, NO_MINIMUM, room.weights);
        } else {
            decoding.quants8(steps, width, words, at, CHAIN, ONES, 0, NO_MINIMUM, room.weights);
            System.arraycopy(scales, p, room.scales, 0, steps);
            decoding.scale(steps, width, width, room.scales, NO_MINIMUM, 0, room.weights);
        }
    }

    @Override
    boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        if (steps % PER_WORD != 0 || !grid.transposed()) {
            return false;
        }
        rows.quants8Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), CHAIN, scales, column,
                c, co, accumulate);
        return true;
    }
}
