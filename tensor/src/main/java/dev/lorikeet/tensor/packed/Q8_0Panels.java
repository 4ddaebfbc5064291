package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/** {@link WeightFormat#Q8_0}: d in 2 bytes, then 32 bytes q. A unit has 4 blocks, and their d in two words. */
final class Q8_0Panels extends BlockPanels {
    private static final int BLOCK = 32;
    private static final int PER_WORD = 4;

    Q8_0Panels(PanelGrid grid) {
        super(grid, new Layout(PER_WORD, 0, BLOCK, 2, false));
    }

    @Override
    Q8_0Panels empty(PanelGrid other) {
        return new Q8_0Panels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        int b = x % UNIT / BLOCK;
        row.scales(x / UNIT, b / 2, bytes.unsignedShort(at) << b % 2 * 16);
        for (int i = 0; i < BLOCK / PER_WORD; i++) {
            row.quants(x / PER_WORD + i, bytes.fourBytes(at + 2 + i * PER_WORD));
        }
    }

    @Override
    void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(UNIT / BLOCK, run, words, at, room.scales);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants8(steps, grid.width(), words, grid.word(PER_WORD, p, column), block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants8Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), BLOCK, scales, c, co,
                accumulate);
    }
}
