package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Blocks of the GGUF formats, decoded one weight at a time by the formulas, in double precision. */
public final class GgufBlocks {
    private final WeightFormat format;
    private final ByteBuffer bytes;

    GgufBlocks(WeightFormat format, byte[] bytes) {
        this.format = format;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Blocks of {@code weights} weights with quants of any bits and scales of both signs, some of them 0. */
    public static byte[] random(WeightFormat format, int weights, long seed) {
        byte[] bytes = new byte[weights / format.blockLength() * format.blockBytes()];
        java.util.Random random = new java.util.Random(seed);
        random.nextBytes(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            for (int at : halves(format)) {
                float scale = random.nextInt(20) == 0 ? 0f : (float) random.nextGaussian();
                buffer.putShort(block + at, Float.floatToFloat16(scale));
            }
        }
        return bytes;
    }

    private static int[] halves(WeightFormat format) {
        return switch (format) {
            case Q8_0, Q4_0, Q5_0 -> new int[] {0};
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q6_K -> new int[] {208};
            case F32, BF16, F16, INT8 -> throw new IllegalArgumentException(format + " has no blocks");
        };
    }

    /** Weight {@code i} of all, which float32 has to hold as exactly as it can. */
    public float weight(int i) {
        int block = i / format.blockLength() * format.blockBytes();
        int x = i % format.blockLength();
        return switch (format) {
            case Q8_0 -> (float) (half(block) * bytes.get(block + 2 + x));
            case Q4_0 -> (float) (half(block) * (nibble(block + 2 + x % 16, x / 16) - 8));
            case Q4_1 -> (float) (half(block) * nibble(block + 4 + x % 16, x / 16) + half(block + 2));
            case Q5_0 -> (float) (half(block)
                    * (nibble(block + 6 + x % 16, x / 16) + 16 * bit(block + 2 + x / 8, x % 8) - 16));
            case Q5_1 -> (float) (half(block)
                    * (nibble(block + 8 + x % 16, x / 16) + 16 * bit(block + 4 + x / 8, x % 8)) + half(block + 2));
            case Q5_K -> (float) (half(block) * scaleOfQ4K(block + 4, x / 32)
                    * (nibble(block + 48 + x / 64 * 32 + x % 32, x / 32 % 2) + 16 * bit(block + 16 + x % 32, x / 32))
                    - half(block + 2) * minimumOfQ4K(block + 4, x / 32));
            case Q4_K -> (float) (half(block) * scaleOfQ4K(block + 4, x / 32)
                    * nibble(block + 16 + x / 64 * 32 + x % 32, x / 32 % 2)
                    - half(block + 2) * minimumOfQ4K(block + 4, x / 32));
            case Q6_K -> {
                int lower = nibble(block + x / 128 * 64 + x % 64, x % 128 / 64);
                int upper = unsigned(block + 128 + x / 128 * 32 + x % 32) >> x % 128 / 32 * 2 & 3;
                yield (float) (half(block + 208) * bytes.get(block + 192 + x / 16) * (upper * 16 + lower - 32));
            }
            case F32, BF16, F16, INT8 -> throw new IllegalArgumentException(format + " has no blocks");
        };
    }

    /** 0 to 63: whole in the first four bytes, or the lower halves of the last four with two bits of the first. */
    private int scaleOfQ4K(int at, int b) {
        return b < 4 ? unsigned(at + b) % 64 : unsigned(at + 4 + b) % 16 + unsigned(at + b - 4) / 64 * 16;
    }

    private int minimumOfQ4K(int at, int b) {
        return b < 4 ? unsigned(at + 4 + b) % 64 : unsigned(at + 4 + b) / 16 + unsigned(at + b) / 64 * 16;
    }

    private int nibble(int at, int upper) {
        return upper == 1 ? unsigned(at) / 16 : unsigned(at) % 16;
    }

    private int bit(int at, int which) {
        return unsigned(at) >> which & 1;
    }

    private int unsigned(int at) {
        return Byte.toUnsignedInt(bytes.get(at));
    }

    private double half(int at) {
        return Float.float16ToFloat(bytes.getShort(at));
    }
}
