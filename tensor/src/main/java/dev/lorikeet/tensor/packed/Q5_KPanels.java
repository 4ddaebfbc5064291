package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q5_K}: the scales; 32 bytes of which byte i has the upper bit of weight i of each of 8 blocks,
 * that of the first lowest; then the lower bits as in {@link Q4_KPanels}.
 */
final class Q5_KPanels extends ScaledBlockPanels {
    private static final int PER_HIGH_WORD = 32;
    private static final int HIGH_AT = SCALES_END;
    private static final int QUANTS_AT = HIGH_AT + 32;

    Q5_KPanels(PanelGrid grid) {
        super(grid, PER_HIGH_WORD);
    }

    @Override
    Q5_KPanels empty(PanelGrid other) {
        return new Q5_KPanels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        readScales(bytes, at, row, x);
        for (int b = 0; b < BLOCKS; b++) {
            int upper = 0;
            for (int i = 0; i < BLOCK; i += 8) {
                upper |= lowest(bytes.eightBytes(at + HIGH_AT + i) >>> b) << i;
            }
            row.high(x / PER_HIGH_WORD + b, upper);
        }
        readQuants(bytes, at + QUANTS_AT, row, x);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants5(steps, grid.width(), words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), 0, block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants5Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), 0, BLOCK, scales, mins, c, co, accumulate);
    }
}
