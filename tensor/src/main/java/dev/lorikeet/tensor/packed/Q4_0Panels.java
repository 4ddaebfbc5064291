package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q4_0}: d in 2 bytes, then 16 bytes, byte i with q of weight i in its lower half and that of
 * weight i + 16 in its upper one. A unit has 4 blocks, and their d in two words.
 */
final class Q4_0Panels extends BlockPanels {
    private static final int BLOCK = 32;
    private static final int PER_WORD = 8;
    private static final int OFFSET = 8;

    Q4_0Panels(PanelGrid grid) {
        super(grid, new Layout(PER_WORD, 0, BLOCK, 2, false));
    }

    @Override
    Q4_0Panels empty(PanelGrid other) {
        return new Q4_0Panels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        int unit = x / UNIT;
        int b = x % UNIT / BLOCK;
        int word = x / PER_WORD;
        row.scales(unit, b / 2, bytes.unsignedShort(at) << b % 2 * 16);
        row.nibbles(word, word + 2, bytes.eightBytes(at + 2));
        row.nibbles(word + 1, word + 3, bytes.eightBytes(at + 10));
    }

    @Override
    void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(UNIT / BLOCK, run, words, at, room.scales);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants4(steps, grid.width(), words, grid.word(PER_WORD, p, column), OFFSET, block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants4Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), OFFSET, BLOCK, scales, mins,
                c,
                co, accumulate);
    }
}
