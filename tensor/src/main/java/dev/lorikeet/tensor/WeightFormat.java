package dev.lorikeet.tensor;

import dev.lorikeet.tensor.packed.PackedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How a {@link PackedMatrix} stores its weights. Each format says which float32 number a stored weight is; a product is
 * the float32 product with those numbers, bit for bit, except for {@link #INT8}.
 *
 * <p>The formats that begin with Q are those of GGUF files: blocks of weights that are neighbours in a row of the
 * weight, as llama.cpp's {@code ggml-common.h} lays them out. They are taken over bit by bit, never made here.
 */
public enum WeightFormat {
    /** float32 as it is. */
    F32(1, 4),
    /** The upper half of a float32, rounded to the nearest, ties to even. */
    BF16(1, 2),
    /** IEEE 754 binary16, rounded to the nearest, ties to even. */
    F16(1, 2),
    /**
     * w = q·scale with one scale for each output channel, which is a row of the weight: scale = max |w| / 127 and
     * q = w/scale rounded to the nearest integer, ties to even. In y = x·Wᵀ the products of a chain are summed up with
     * q, and the sum of each chain is multiplied by the scale; in dx = dy·W the weight is q·scale.
     */
    INT8(1, 1),
    /** w = d·q: 32 weights with a binary16 d and int8 q. */
    Q8_0(32, 34, 0),
    /** w = d·(q - 8): 32 weights with a binary16 d and q of 4 bits. */
    Q4_0(32, 18, 0),
    /** w = d·q + m: 32 weights with binary16 d and m, and q of 4 bits. */
    Q4_1(32, 20, 0, 2),
    /** w = d·(q - 16): 32 weights with a binary16 d, and q of 5 bits. */
    Q5_0(32, 22, 0),
    /** w = d·q + m: 32 weights with binary16 d and m, and q of 5 bits. */
    Q5_1(32, 24, 0, 2),
    /** w = (d·s)·q - (dmin·t): 256 weights with binary16 d and dmin, s and t of 6 bits for each 32, q of 4 bits. */
    Q4_K(256, 144, 0, 2),
    /** As {@link #Q4_K}, with q of 5 bits. */
    Q5_K(256, 176, 0, 2),
    /** w = (d·s)·(q - 32): 256 weights with a binary16 d, an int8 s for each 16, q of 6 bits. */
    Q6_K(256, 210, 208);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Bytes that are looked at together. */
    private static final int PART = 1 << 16;

    private final int blockLength;
    private final int blockBytes;
    private final int[] halves;

    /** @param halves where in a block the binary16 numbers are of which all its weights are multiples and sums */
    WeightFormat(int blockLength, int blockBytes, int... halves) {
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
        this.halves = halves;
    }

    /** The number of weights in a block; a row of the weight is a whole number of blocks. 1 where there are none. */
    public int blockLength() {
        return blockLength;
    }

    /** The number of bytes of a block in a file. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * The number of the first weight in a file's bytes that may be no finite number, or -1: in a block format the first
     * of a block that has a scale or a minimum which is not finite.
     *
     * @param bytes whole blocks, little-endian
     * @throws IllegalArgumentException for {@link #INT8}, which has no bytes in a file
     */
    public long firstNotFinite(MemorySegment bytes) {
        return switch (this) {
            case INT8 -> throw new IllegalArgumentException("format: INT8 has no bytes in a file");
            case F32 -> firstWithAllOf(bytes, 0x7f80, 2);
            case BF16 -> firstWithAllOf(bytes, 0x7f80, 0);
            case F16 -> firstWithAllOf(bytes, 0x7c00, 0);
            default -> firstWithAllOf(bytes, 0x7c00, halves);
        };
    }

    /** In parts, in an array: number by number a segment is read slowly until C2 has compiled the loop. */
    private long firstWithAllOf(MemorySegment bytes, int exponent, int... at) {
        short[] part = new short[PART / 2];
        int most = PART / blockBytes;
        long blocks = bytes.byteSize() / blockBytes;
        for (long from = 0; from < blocks; from += most) {
            int count = (int) Math.min(most, blocks - from);
            MemorySegment.copy(bytes, SHORT, from * blockBytes, part, 0, count * blockBytes / 2);
            int block = firstWithAllOf(part, count, exponent, at);
            if (block >= 0) {
                return (from + block) * blockLength;
            }
        }
        return -1;
    }

    private int firstWithAllOf(short[] part, int blocks, int exponent, int... at) {
        int size = blockBytes / 2;
        for (int block = 0; block < blocks; block++) {
            for (int half : at) {
                if ((part[block * size + half / 2] & exponent) == exponent) {
                    return block;
                }
            }
        }
        return -1;
    }
}
