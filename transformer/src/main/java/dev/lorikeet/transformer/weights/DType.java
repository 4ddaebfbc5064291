package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * The number formats of weight files, under their safetensors names; those that begin with Q are in GGUF files alone,
 * blocks of several elements.
 */
public enum DType {
    F64(8), F32(WeightFormat.F32), F16(WeightFormat.F16), BF16(WeightFormat.BF16), I64(8), I32(4), I16(2), I8(1), U8(1),
    BOOL(1), Q8_0(WeightFormat.Q8_0), Q4_0(WeightFormat.Q4_0), Q4_1(WeightFormat.Q4_1), Q5_0(WeightFormat.Q5_0),
    Q5_1(WeightFormat.Q5_1), Q4_K(WeightFormat.Q4_K), Q5_K(WeightFormat.Q5_K), Q6_K(WeightFormat.Q6_K);

    private final int blockLength;
    private final int bytes;
    private final @Nullable WeightFormat format;

    DType(int bytes) {
        this.blockLength = 1;
        this.bytes = bytes;
        this.format = null;
    }

    DType(WeightFormat format) {
        this.blockLength = format.blockLength();
        this.bytes = format.blockBytes();
        this.format = format;
    }

    /** The size of one element in bytes, or of a block of {@link #blockLength} elements. */
    public int bytes() {
        return bytes;
    }

    /** The number of elements in a block; 1 where there are none. */
    public int blockLength() {
        return blockLength;
    }

    /** As what a layer computes with the bytes as they are; null for formats of which no layer does. */
    public @Nullable WeightFormat format() {
        return format;
    }
}
