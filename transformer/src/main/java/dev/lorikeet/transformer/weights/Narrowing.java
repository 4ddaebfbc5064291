package dev.lorikeet.transformer.weights;

import java.nio.ByteBuffer;

/** float32 to the number formats that are written, little-endian: the way back of {@link Widening}. */
final class Narrowing {
    private static final int LARGEST = 127;

    private Narrowing() {}

    /**
     * Rounds {@code count} numbers from {@code from} on: F16 and BF16 to the nearest, ties to even.
     *
     * @param to gets them
     * @return the index from {@code from} of the first number that is not finite, or would not be; or -1
     */
    static int narrow(DType dtype, float[] values, int from, int count, ByteBuffer to) {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[from + i])) {
                return i;
            }
        }
        return switch (dtype) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    to.putFloat(values[from + i]);
                }
                yield -1;
            }
            case F16 -> halves(values, from, count, to, 0x7c00, true);
            case BF16 -> halves(values, from, count, to, 0x7f80, false);
            case Q8_0 -> blocks(values, from, count, to);
            default -> throw new IllegalArgumentException("narrow: " + dtype);
        };
    }

    private static int halves(float[] values, int from, int count, ByteBuffer to, int infinite, boolean f16) {
        for (int i = 0; i < count; i++) {
            float value = values[from + i];
            int bits = Float.floatToRawIntBits(value);
            short half = f16 ? Float.floatToFloat16(value) : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
            if ((half & 0x7fff) == infinite) {
                return i;
            }
            to.putShort(half);
        }
        return -1;
    }

    /**
     * d is the largest magnitude over 127, q the number over d, rounded half away from zero as ggml's reference does.
     */
    private static int blocks(float[] values, int from, int count, ByteBuffer to) {
        for (int block = 0; block < count; block += DType.Q8_0.blockLength()) {
            float largest = 0;
            for (int i = 0; i < DType.Q8_0.blockLength(); i++) {
                largest = Math.max(largest, Math.abs(values[from + block + i]));
            }
            float d = largest / LARGEST;
            short half = Float.floatToFloat16(d);
            if ((half & 0x7c00) == 0x7c00) {
                return block;
            }
            to.putShort(half);
            float inverse = d == 0 ? 0 : 1 / d;
            for (int i = 0; i < DType.Q8_0.blockLength(); i++) {
                float quant = values[from + block + i] * inverse;
                to.put((byte) (int) (quant < 0 ? Math.ceil(quant - 0.5) : Math.floor(quant + 0.5)));
            }
        }
        return -1;
    }
}
