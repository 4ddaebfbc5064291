package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q4_K}: the scales, then 32 bytes for each two of 8 blocks, the first in the lower halves.
 */
final class Q4_KPanels extends ScaledBlockPanels {
    Q4_KPanels(PanelGrid grid) {
        super(grid, 0);
    }

    @Override
    Q4_KPanels empty(PanelGrid other) {
        return new Q4_KPanels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        readScales(bytes, at, row, x);
        readQuants(bytes, at + SCALES_END, row, x);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants4(steps, grid.width(), words, grid.word(PER_WORD, p, column), 0, block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants4Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), 0, BLOCK, scales, mins, c,
                co, accumulate);
    }
}
