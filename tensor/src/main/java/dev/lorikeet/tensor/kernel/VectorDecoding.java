package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Decoding} on the JDK Vector API. Panels are whole vectors wide, and a block is no narrower than a vector. */
sealed class VectorDecoding implements Decoding permits VectorDecodedRows {
    static final VectorSpecies<Integer> I = S.withLanes(int.class);

    @Override
    public void bf16(int steps, int width, int[] words, int at, float[] out) {
        for (int p = 0; p < steps; p += 2) {
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 2 * width + j);
                int o = p * width + j;
                lowBf16(word).intoArray(out, o);
                highBf16(word).intoArray(out, o + width);
            }
        }
    }

    static FloatVector lowBf16(IntVector word) {
        return word.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    static FloatVector highBf16(IntVector word) {
        return word.and(0xffff0000).reinterpretAsFloats();
    }

    @Override
    public void f16(int steps, int width, int[] words, int at, float[] out) {
        for (int p = 0; p < steps; p += 2) {
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 2 * width + j);
                int o = p * width + j;
                for (int i = 0; i < 2; i++) {
                    IntVector magnitude = magnitude(word, 16 * i);
                    signed(finite(magnitude).or(special(magnitude)), word, 16 - 16 * i).intoArray(out, o + i * width);
                }
            }
        }
    }

    /** The half that begins with bit {@code shift}, without its sign. */
    static IntVector magnitude(IntVector word, int shift) {
        return word.lanewise(VectorOperators.LSHR, shift).and(0x7fff);
    }

    /** The exponent of a half, read as that of a float32, is 112 too small, for subnormal numbers too. */
    static IntVector finite(IntVector magnitude) {
        return magnitude.lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
    }

    /** The exponent of infinity and NaN above the largest finite half. */
    static IntVector special(IntVector magnitude) {
        return magnitude.add(0x7fffffff - 0x7bff).lanewise(VectorOperators.ASHR, 31).and(0x7f800000);
    }

    /** With the sign that {@code shift} brings to the top. */
    static FloatVector signed(IntVector bits, IntVector word, int shift) {
        return word.lanewise(VectorOperators.LSHL, shift).and(0x80000000).or(bits).reinterpretAsFloats();
    }

    @Override
    public void quants8(int steps, int width, int[] words, int at, int block, float[] scales, float[] mins,
            float[] out) {
        for (int p = 0; p < steps; p += 4) {
            int s = p / block * width;
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 4 * width + j);
                FloatVector scale = fromArray(S, scales, s + j);
                FloatVector min = fromArray(S, mins, s + j);
                int o = p * width + j;
                quant8(word, 24).fma(scale, min).intoArray(out, o);
                quant8(word, 16).fma(scale, min).intoArray(out, o + width);
                quant8(word, 8).fma(scale, min).intoArray(out, o + 2 * width);
                quant8(word, 0).fma(scale, min).intoArray(out, o + 3 * width);
            }
        }
    }

    /** The signed byte that {@code shift} brings to the top. */
    static FloatVector quant8(IntVector word, int shift) {
        return toFloats(word.lanewise(VectorOperators.LSHL, shift).lanewise(VectorOperators.ASHR, 24));
    }

    @Override
    public void quants4(int steps, int width, int[] words, int at, int offset, int block, float[] scales, float[] mins,
            float[] out) {
        IntVector offsets = IntVector.broadcast(I, offset);
        for (int p = 0; p < steps; p += 8) {
            int s = p / block * width;
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 8 * width + j);
                FloatVector scale = fromArray(S, scales, s + j);
                FloatVector min = fromArray(S, mins, s + j);
                for (int i = 0; i < 8; i++) {
                    toFloats(bits4(word, 4 * i).sub(offsets)).fma(scale, min).intoArray(out, (p + i) * width + j);
                }
            }
        }
    }

    @Override
    public void quants5(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int offset, int block,
            float[] scales, float[] mins, float[] out) {
        IntVector offsets = IntVector.broadcast(I, offset);
        for (int p = 0; p < steps; p += 8) {
            int s = p / block * width;
            for (int j = 0; j < width; j += L) {
                IntVector lower = word(low, lowAt + p / 8 * width + j);
                IntVector upper = word(high, highAt + p / 32 * width + j);
                FloatVector scale = fromArray(S, scales, s + j);
                FloatVector min = fromArray(S, mins, s + j);
                for (int i = 0; i < 8; i++) {
                    IntVector quant = bits4(lower, 4 * i).or(top1(upper, p % 32 + i)).sub(offsets);
                    toFloats(quant).fma(scale, min).intoArray(out, (p + i) * width + j);
                }
            }
        }
    }

    @Override
    public void quants6(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int block, float[] scales,
            float[] mins, float[] out) {
        for (int p = 0; p < steps; p += 8) {
            int s = p / block * width;
            for (int j = 0; j < width; j += L) {
                IntVector lower = word(low, lowAt + p / 8 * width + j);
                IntVector upper = word(high, highAt + p / 16 * width + j);
                FloatVector scale = fromArray(S, scales, s + j);
                FloatVector min = fromArray(S, mins, s + j);
                for (int i = 0; i < 8; i++) {
                    IntVector quant = bits4(lower, 4 * i).or(top2(upper, p % 16 * 2 + 2 * i)).sub(32);
                    toFloats(quant).fma(scale, min).intoArray(out, (p + i) * width + j);
                }
            }
        }
    }

    static IntVector bits4(IntVector word, int shift) {
        return word.lanewise(VectorOperators.LSHR, shift).and(15);
    }

    /** The upper one of five bits. */
    static IntVector top1(IntVector word, int shift) {
        return word.lanewise(VectorOperators.LSHR, shift).and(1).lanewise(VectorOperators.LSHL, 4);
    }

    /** The upper two of six bits. */
    static IntVector top2(IntVector word, int shift) {
        return word.lanewise(VectorOperators.LSHR, shift).and(3).lanewise(VectorOperators.LSHL, 4);
    }

    @Override
    public void scale(int steps, int width, int block, float[] scales, float[] mins, int so, float[] out) {
        for (int p = 0; p < steps; p++) {
            for (int j = 0; j < width; j += L) {
                int s = so + j / block * Kernels.CHAIN + p;
                FloatVector scale = FloatVector.broadcast(S, scales[s]);
                FloatVector min = FloatVector.broadcast(S, mins[s]);
                fromArray(S, out, p * width + j).fma(scale, min).intoArray(out, p * width + j);
            }
        }
    }

    static IntVector word(int[] words, int at) {
        return IntVector.fromArray(I, words, at);
    }

    static FloatVector toFloats(IntVector quants) {
        return (FloatVector) quants.convert(VectorOperators.I2F, 0);
    }
}
