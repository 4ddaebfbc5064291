package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q4_1}: d and m in 2 bytes each, then q as in {@link Q4_0Panels}. A unit has 4 blocks, their d in
 * two words and their m in two more.
 */
final class Q4_1Panels extends BlockPanels {
    private static final int BLOCK = 32;
    private static final int PER_WORD = 8;
    /** The first word with m. */
    private static final int MINIMA = 2;

    Q4_1Panels(PanelGrid grid) {
        super(grid, new Layout(PER_WORD, 0, BLOCK, 4, true));
    }

    @Override
    Q4_1Panels empty(PanelGrid other) {
        return new Q4_1Panels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        int unit = x / UNIT;
        int b = x % UNIT / BLOCK;
        int word = x / PER_WORD;
        row.scales(unit, b / 2, bytes.unsignedShort(at) << b % 2 * 16);
        row.scales(unit, MINIMA + b / 2, bytes.unsignedShort(at + 2) << b % 2 * 16);
        row.nibbles(word, word + 2, bytes.eightBytes(at + 4));
        row.nibbles(word + 1, word + 3, bytes.eightBytes(at + 12));
    }

    @Override
    void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(UNIT / BLOCK, run, words, at, room.scales);
        decoding.f16(UNIT / BLOCK, run, words, at + MINIMA * run, room.mins);
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
