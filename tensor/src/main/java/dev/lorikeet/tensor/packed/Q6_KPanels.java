package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * {@link WeightFormat#Q6_K}: 128 bytes with the lower 4 bits of q, 64 with the upper 2, 16 bytes s, then d. Each half
 * of the block has 64 and 32 of the bytes; in it weight 32·c + i has its lower bits in byte i + 32·(c mod 2), in its
 * lower half for c < 2, and its upper bits in byte i, at 2·c. A unit is such a half, and has three words: d and eight
 * bytes s.
 */
final class Q6_KPanels extends BlockPanels {
    private static final int BLOCK = 16;
    private static final int PER_WORD = 8;
    private static final int PER_HIGH_WORD = 16;
    private static final int HIGH_AT = 128;
    private static final int SCALES_AT = 192;
    private static final int D_AT = 208;

    Q6_KPanels(PanelGrid grid) {
        super(grid, new Layout(PER_WORD, PER_HIGH_WORD, BLOCK, 3, false));
    }

    @Override
    Q6_KPanels empty(PanelGrid other) {
        return new Q6_KPanels(other);
    }

    @Override
    void read(FileBytes bytes, int at, Row row, int x) {
        for (int half = 0; half < 2; half++) {
            int first = x + half * UNIT;
            int unit = first / UNIT;
            row.scales(unit, 0, bytes.unsignedShort(at + D_AT));
            for (int b = 0; b < UNIT / BLOCK; b++) {
                row.scales(unit, 1 + b / 4, bytes.unsignedByte(at + SCALES_AT + half * 8 + b) << b % 4 * 8);
            }
            int words = UNIT / PER_WORD;
            for (int i = 0; i < words / 2; i++) {
                row.nibbles(first / PER_WORD + i, first / PER_WORD + words / 2 + i,
                        bytes.eightBytes(at + half * 64 + i * PER_WORD));
            }
            for (int i = 0; i < UNIT; i += PER_HIGH_WORD) {
                int upper = at + HIGH_AT + half * 32 + i % 32;
                int shift = i / 32 * 2;
                row.high((first + i) / PER_HIGH_WORD, lowestTwo(bytes.eightBytes(upper) >>> shift)
                        | lowestTwo(bytes.eightBytes(upper + 8) >>> shift) << 16);
            }
        }
    }

    @Override
    void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(2, run, words, at, room.common);
        // the scales are themselves quants with the scale d
        decoding.quants8(UNIT / BLOCK, run, words, at + run, UNIT / BLOCK, room.common, NO_MINIMUM, room.scales);
    }

    @Override
    void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block, float[] scales,
            float[] mins, float[] out) {
        decoding.quants6(steps, grid.width(), words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), block, scales, mins, out);
    }

    @Override
    void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        rows.quants6Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), high,
                grid.word(PER_HIGH_WORD, p, column), BLOCK, scales, c, co, accumulate);
    }
}
