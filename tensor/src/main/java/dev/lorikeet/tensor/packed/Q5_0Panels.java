package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q5_0}: d in 2 bytes, 4 bytes with the upper bits of q in order, then 16 with the lower ones as
 * in {@link Q4_0Panels}. A unit has 4 blocks, and their d in two words.
 */
final class Q5_0Panels extends BlockPanels {
    private static final int BLOCK = 32;
    private static final int PER_WORD = 8;
    private static final int PER_HIGH_WORD = 32;
    private static final int OFFSET = 16;

    Q5_0Panels(PanelGrid grid) {
        super(grid, new Layout(PER_WORD, PER_HIGH_WORD, BLOCK, 2, false));
    }

    @Override
    Q5_0Panels empty(PanelGrid other) {
        return new Q5_0Panels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        int unit = x / UNIT;
        int b = x % UNIT / BLOCK;
        int word = x / PER_WORD;
        row.scales(unit, b / 2, bytes.unsignedShort(at) << b % 2 * 16);
        row.high(x / PER_HIGH_WORD, bytes.fourBytes(at + 2));
        row.nibbles(word, word + 2, bytes.eightBytes(at + 6));
        row.nibbles(word + 1, word + 3, bytes.eightBytes(at + 14));
    }

    @Override
    void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(UNIT / BLOCK, run, words, at, room.scales);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants5(steps, grid.width(), words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), OFFSET, block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants5Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), OFFSET, BLOCK, scales, mins, c, co, accumulate);
    }
}
