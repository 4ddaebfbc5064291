package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A weight W (rows, columns) in one of the formats, made without the code under test.
 *
 * @param meant W as float32, which a product multiplies with
 * @param bytes W as a file has it; for {@link WeightFormat#INT8}, which no file has, {@code original} is packed instead
 */
record StoredWeight(WeightFormat format, Tensor meant, byte[] bytes, Tensor original) {

    static StoredWeight of(WeightFormat format, int rows, int columns) {
        Tensor original = Values.ORDINARY.tensor(7, rows, columns);
        byte[] bytes = format == WeightFormat.INT8 ? new byte[0] : bytes(format, original);
        Tensor meant = Tensor.zeros(rows, columns);
        for (int row = 0; row < rows; row++) {
            float scale = largest(original.rows(row, row + 1)) / 127;
            for (int i = row * columns; i < (row + 1) * columns; i++) {
                meant.data()[i] = meant(format, original.data()[original.offset() + i], scale, bytes, i);
            }
        }
        return new StoredWeight(format, meant, bytes, original);
    }

    private static byte[] bytes(WeightFormat format, Tensor original) {
        if (format.blockLength() > 1) {
            return GgufBlocks.random(format, original.size(), 3);
        }
        byte[] bytes = new byte[original.size() * format.blockBytes()];
        for (int i = 0; i < original.size(); i++) {
            float weight = original.data()[original.offset() + i];
            int bits = switch (format) {
                case BF16 -> Float.floatToIntBits(weight) >>> 16;
                case F16 -> Float.floatToFloat16(weight);
                default -> Float.floatToIntBits(weight);
            };
            for (int b = 0; b < format.blockBytes(); b++) {
                bytes[i * format.blockBytes() + b] = (byte) (bits >> 8 * b);
            }
        }
        return bytes;
    }

    private static float largest(Tensor row) {
        float largest = 0;
        for (float weight : row.toArray()) {
            largest = Math.max(largest, Math.abs(weight));
        }
        return largest;
    }

    private static float meant(WeightFormat format, float weight, float scale, byte[] bytes, int i) {
        return switch (format) {
            case F32 -> weight;
            case BF16 -> Float.intBitsToFloat(Float.floatToIntBits(weight) >>> 16 << 16);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(weight));
            case INT8 -> scale * (int) Math.rint(weight / (double) scale);
            case Q8_0, Q4_0, Q4_1, Q4_K, Q6_K -> new GgufBlocks(format, bytes).weight(i);
        };
    }

    /** Packed as Wᵀ, for y = x·Wᵀ, or as W. */
    PackedMatrix pack(Kernels kernels, boolean transposed) {
        int rows = meant.dim(0);
        int columns = meant.dim(1);
        MemorySegment segment = MemorySegment.ofArray(bytes);
        if (format == WeightFormat.INT8) {
            return transposed ? PackedMatrix.ofTransposed(kernels, original, format)
                    : PackedMatrix.of(kernels, original, format);
        }
        return transposed ? PackedMatrix.ofTransposed(kernels, segment, format, rows, columns)
                : PackedMatrix.of(kernels, segment, format, rows, columns);
    }

    /** What {@link #pack} stands for, (k, n). */
    Tensor matrix(boolean transposed) {
        if (!transposed) {
            return meant;
        }
        Tensor turned = Tensor.zeros(meant.dim(1), meant.dim(0));
        Matmul.transpose(Compute.shared(), meant, turned);
        return turned;
    }
}
