package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Values;
import java.lang.foreign.MemorySegment;

/**
 * A weight W (rows, columns) in one of the formats, made without the code under test.
 *
 * @param meant W as float32
 * @param bytes W as a file has it; for {@link WeightFormat#INT8}, which no file has, {@code original} is packed instead
 */
public record StoredWeight(WeightFormat format, Tensor meant, byte[] bytes, Tensor original) {

    public static StoredWeight of(WeightFormat format, int rows, int columns) {
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
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> new GgufBlocks(format, bytes).weight(i);
        };
    }

    /** Packed as Wᵀ, for y = x·Wᵀ, or as W. */
    public PackedMatrix pack(Kernels kernels, boolean transposed) {
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
    public Tensor matrix(boolean transposed) {
        return transposed ? turned(meant) : meant;
    }

    /**
     * What a product with {@link #pack} multiplies with: q for {@link WeightFormat#INT8} where the scales come later.
     */
    public Tensor factors(boolean transposed) {
        if (!scalesChains(transposed)) {
            return matrix(transposed);
        }
        Tensor quants = meant.copy();
        for (int i = 0; i < quants.size(); i++) {
            float scale = scale(i / meant.dim(1));
            quants.data()[i] = Math.round(quants.data()[i] / scale);
        }
        return turned(quants);
    }

    public boolean scalesChains(boolean transposed) {
        return transposed && format == WeightFormat.INT8;
    }

    /** The scale of a row of {@link WeightFormat#INT8}. */
    public float scale(int row) {
        return largest(original.rows(row, row + 1)) / 127;
    }

    /** C = A·B or C += A·B, chain by chain as {@link WeightFormat} has it. */
    public Tensor product(Tensor a, Tensor c, boolean accumulate, boolean transposed) {
        Tensor b = factors(transposed);
        int k = b.dim(0);
        int n = b.dim(1);
        Tensor sum = accumulate ? c.copy() : Tensor.zeros(a.dim(0), n);
        Tensor chain = Tensor.zeros(a.dim(0), n);
        for (int p = 0; p < k; p += Kernels.CHAIN) {
            new ScalarKernels().matmul(a.dim(0), n, Math.min(Kernels.CHAIN, k - p), a.data(), a.offset() + p, k,
                    b.data(), b.offset() + p * n, n, chain.data(), 0, n, false);
            for (int i = 0; i < sum.size(); i++) {
                float scale = scalesChains(transposed) ? scale(i % n) : 1;
                float scaled = chain.data()[i] * scale;
                sum.data()[i] = p > 0 || accumulate ? sum.data()[i] + scaled : scaled;
            }
        }
        return sum;
    }

    private static Tensor turned(Tensor matrix) {
        Tensor turned = Tensor.zeros(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(Cpu.shared(), matrix, turned);
        return turned;
    }
}
