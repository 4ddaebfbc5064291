package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.Rounding.requireSameBits;

import org.junit.jupiter.api.Test;

/** {@link Decoding} of every bit pattern. */
class DecodingTest {
    private static final Kernels[] KERNELS = {new ScalarKernels(), new VectorKernels()};

    @Test
    void everyHalfIsTheNumberThatItIs() {
        for (Kernels kernels : KERNELS) {
            int width = kernels.panelWidth();
            int[] words = new int[64 * width];
            float[] out = new float[128 * width];
            for (int first = 0; first < 1 << 16; first += out.length) {
                for (int i = 0; i < out.length; i++) {
                    int half = first + i & 0xffff;
                    int p = i / width;
                    words[p / 2 * width + i % width] = p % 2 == 0 ? half
                            : words[p / 2 * width + i % width] | half << 16;
                }
                kernels.decoding().f16(128, width, words, 0, out);
                requireSameBits(out, halves(first, out.length, true));
                kernels.decoding().bf16(128, width, words, 0, out);
                requireSameBits(out, halves(first, out.length, false));
            }
        }
    }

    private static float[] halves(int first, int count, boolean f16) {
        float[] halves = new float[count];
        for (int i = 0; i < count; i++) {
            int half = first + i & 0xffff;
            halves[i] = f16 ? Float.float16ToFloat((short) half) : Float.intBitsToFloat(half << 16);
        }
        return halves;
    }
}
