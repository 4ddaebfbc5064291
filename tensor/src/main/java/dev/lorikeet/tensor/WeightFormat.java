package dev.lorikeet.tensor;

import dev.lorikeet.tensor.packed.PackedMatrix;

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
    Q8_0(32, 34),
    /** w = d·(q - 8): 32 weights with a binary16 d and q of 4 bits. */
    Q4_0(32, 18),
    /** w = d·q + m: 32 weights with binary16 d and m, and q of 4 bits. */
    Q4_1(32, 20),
    /** w = (d·s)·q - (dmin·t): 256 weights with binary16 d and dmin, s and t of 6 bits for each 32, q of 4 bits. */
    Q4_K(256, 144),
    /** w = (d·s)·(q - 32): 256 weights with a binary16 d, an int8 s for each 16, q of 6 bits. */
    Q6_K(256, 210);

    private final int blockLength;
    private final int blockBytes;

    WeightFormat(int blockLength, int blockBytes) {
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
    }

    /** The number of weights in a block; a row of the weight is a whole number of blocks. 1 where there are none. */
    public int blockLength() {
        return blockLength;
    }

    /** The number of bytes of a block in a file. */
    public int blockBytes() {
        return blockBytes;
    }
}
