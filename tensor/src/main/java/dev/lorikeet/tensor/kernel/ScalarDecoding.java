package dev.lorikeet.tensor.kernel;

/**
 * The specification of {@link Decoding} in plain Java. C2 makes vectors itself of loops in which all arrays of one type
 * have one index.
 */
final class ScalarDecoding implements Decoding {
    @Override
    public void bf16(int steps, int width, int[] words, int at, float[] out) {
        for (int p = 0; p < steps; p++) {
            for (int j = 0; j < width; j++) {
                out[p * width + j] = Float.intBitsToFloat(field(words, at, width, 16, p, j) << 16);
            }
        }
    }

    @Override
    public void f16(int steps, int width, int[] words, int at, float[] out) {
        for (int p = 0; p < steps; p++) {
            for (int j = 0; j < width; j++) {
                out[p * width + j] = Float.float16ToFloat((short) field(words, at, width, 16, p, j));
            }
        }
    }

    @Override
    public void quants8(int steps, int width, int[] words, int at, int block, float[] scales, float[] mins,
            float[] out) {
        float[] scale = Scratch.SCALES.of(width);
        float[] min = Scratch.MINS.of(width);
        float[] step = Scratch.STEP.of(width);
        for (int p = 0; p < steps; p++) {
            int word = at + p / 4 * width;
            int shift = p % 4 * 8;
            if (p % block == 0) {
                System.arraycopy(scales, p / block * width, scale, 0, width);
                System.arraycopy(mins, p / block * width, min, 0, width);
            }
            for (int j = 0; j < width; j++) {
                byte quant = (byte) (words[word + j] >>> shift);
                step[j] = Math.fma((float) quant, scale[j], min[j]);
            }
            System.arraycopy(step, 0, out, p * width, width);
        }
    }

    @Override
    public void quants4(int steps, int width, int[] words, int at, int offset, int block, float[] scales, float[] mins,
            float[] out) {
        float[] scale = Scratch.SCALES.of(width);
        float[] min = Scratch.MINS.of(width);
        float[] step = Scratch.STEP.of(width);
        for (int p = 0; p < steps; p++) {
            int word = at + p / 8 * width;
            int shift = p % 8 * 4;
            if (p % block == 0) {
                System.arraycopy(scales, p / block * width, scale, 0, width);
                System.arraycopy(mins, p / block * width, min, 0, width);
            }
            for (int j = 0; j < width; j++) {
                int quant = (words[word + j] >>> shift & 15) - offset;
                step[j] = Math.fma((float) quant, scale[j], min[j]);
            }
            System.arraycopy(step, 0, out, p * width, width);
        }
    }

    @Override
    public void quants5(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int offset, int block,
            float[] scales, float[] mins, float[] out) {
        for (int p = 0; p < steps; p++) {
            int s = p / block * width;
            for (int j = 0; j < width; j++) {
                int quant = (field(high, highAt, width, 1, p, j) << 4 | field(low, lowAt, width, 4, p, j)) - offset;
                out[p * width + j] = Math.fma((float) quant, scales[s + j], mins[s + j]);
            }
        }
    }

    @Override
    public void quants6(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int block, float[] scales,
            float[] mins, float[] out) {
        for (int p = 0; p < steps; p++) {
            int s = p / block * width;
            for (int j = 0; j < width; j++) {
                int quant = (field(high, highAt, width, 2, p, j) << 4 | field(low, lowAt, width, 4, p, j)) - 32;
                out[p * width + j] = Math.fma((float) quant, scales[s + j], mins[s + j]);
            }
        }
    }

    /** The {@code bits} bits of step p and column j. */
    private static int field(int[] words, int at, int width, int bits, int p, int j) {
        int perWord = 32 / bits;
        return words[at + p / perWord * width + j] >>> p % perWord * bits & (1 << bits) - 1;
    }

    @Override
    public void scale(int steps, int width, int block, float[] scales, float[] mins, int so, float[] out) {
        for (int p = 0; p < steps; p++) {
            for (int j = 0; j < width; j++) {
                int s = so + j / block * Kernels.CHAIN + p;
                out[p * width + j] = Math.fma(out[p * width + j], scales[s], mins[s]);
            }
        }
    }
}
