package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.Decoding;

/**
 * The scales and minima of {@link WeightFormat#Q4_K} and {@link WeightFormat#Q5_K}: d and dmin in 2 bytes each, then 12
 * bytes with s and t of 6 bits for each of 8 blocks.
 *
 * <p>Of the 12 bytes, the lower 6 bits of bytes 0 to 3 are s and those of 4 to 7 are t of blocks 0 to 3. Blocks 4 to 7
 * have the lower 4 bits of s and t in the two halves of bytes 8 to 11, and their upper 2 bits at the top of bytes 0 to
 * 3 and 4 to 7. A unit here has 4 blocks, and three words: d and -dmin, four bytes s, four bytes t.
 */
abstract sealed class ScaledBlockPanels extends BlockPanels permits Q4_KPanels, Q5_KPanels {
    static final int BLOCK = 32;
    static final int BLOCKS = 8;
    static final int PER_WORD = 8;
    /** Where the bytes behind the scales begin. */
    static final int SCALES_END = 16;
    private static final int SCALES_AT = 4;
    private static final int SIGN = 0x8000;

    ScaledBlockPanels(PanelGrid grid, int perHighWord) {
        super(grid, new Layout(PER_WORD, perHighWord, BLOCK, 3, true));
    }

    final void readScales(FileBytes bytes, int at, Row row, int x) {
        for (int b = 0; b < BLOCKS; b++) {
            int unit = (x + b * BLOCK) / UNIT;
            int shift = b % 4 * 8;
            if (b % 4 == 0) {
                row.scales(unit, 0, bytes.unsignedShort(at) | (bytes.unsignedShort(at + 2) ^ SIGN) << 16);
            }
            row.scales(unit, 1, sixBits(bytes, at + SCALES_AT, 0, b) << shift);
            row.scales(unit, 2, sixBits(bytes, at + SCALES_AT, 4, b) << shift);
        }
    }

    /** Takes quants of 4 bits in: 32 bytes for each two of the blocks, the first in the lower halves. */
    static void readQuants(FileBytes bytes, int at, Row row, int x) {
        int perBlock = BLOCK / PER_WORD;
        for (int i = 0; i < BLOCKS / 2 * perBlock; i++) {
            int word = x / PER_WORD + i / perBlock * 2 * perBlock + i % perBlock;
            row.nibbles(word, word + perBlock, bytes.eightBytes(at + i * PER_WORD));
        }
    }

    /** s of block b for {@code part} 0, t for {@code part} 4. */
    private static int sixBits(FileBytes bytes, int at, int part, int b) {
        int low = bytes.unsignedByte(at + part + b % 4);
        if (b < 4) {
            return low & 63;
        }
        return bytes.unsignedByte(at + 4 + b) >> part & 15 | low >> 6 << 4;
    }

    @Override
    final void expand(Decoding decoding, int[] words, int at, int run, Room room) {
        decoding.f16(2, run, words, at, room.common);
        int blocks = UNIT / BLOCK; // the scales are themselves quants: blocks of s with the scale d, and t with -dmin
        decoding.quants8(2 * blocks, run, words, at + run, blocks, room.common, NO_MINIMUM, room.scales);
        System.arraycopy(room.scales, blocks * run, room.mins, 0, blocks * run);
    }
}
