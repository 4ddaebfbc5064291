package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;

/**
 * {@link WeightFormat#Q4_1}: d and m in 2 bytes each, then q as in {@link Q4_0Panels}. A unit has 4 blocks, and a word
 * for the d and m of each.
 */
final class Q4_1Panels extends BlockPanels {
    private static final int BLOCK = 32;
    private static final int PER_WORD = 8;

    Q4_1Panels(PanelGrid grid) {
        super(grid, PER_WORD, BLOCK, UNIT / BLOCK, true);
    }

    @Override
    void read(MemorySegment bytes, long at, int row, int x) {
        putScale(row, x, x % UNIT / BLOCK, unsignedShort(bytes, at) | unsignedShort(bytes, at + 2) << 16);
        for (int i = 0; i < BLOCK / 2; i++) {
            int pair = unsignedByte(bytes, at + 4 + i);
            putQuant(row, x + i, pair & 15);
            putQuant(row, x + BLOCK / 2 + i, pair >> 4);
        }
    }

    @Override
    void expand(int[] words, int at, int run, int first, int blocks, float[] scales, float[] mins) {
        for (int b = 0; b < blocks; b++) {
            int word = at + (first + b) * run;
            for (int i = 0; i < run; i++) {
                scales[b * run + i] = Float.float16ToFloat((short) words[word + i]);
                mins[b * run + i] = Float.float16ToFloat((short) (words[word + i] >> 16));
            }
        }
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants4(steps, grid.width(), words, grid.word(PER_WORD, p, column), 0, block, scales, mins, out);
    }
}
