package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.VectorKernels.L;
import static dev.lorikeet.tensor.VectorKernels.S;
import static dev.lorikeet.tensor.VectorKernels.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link Decoding} on the JDK Vector API. Panels are whole vectors wide, and a block is no narrower than a vector. */
final class VectorDecoding implements Decoding {
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, VectorShape.forBitSize(32 * L));
    private static final boolean WIDE = L == 16;

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

    private static FloatVector lowBf16(IntVector word) {
        return word.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector highBf16(IntVector word) {
        return word.and(0xffff0000).reinterpretAsFloats();
    }

    @Override
    public void f16(int steps, int width, int[] words, int at, float[] out) {
        for (int p = 0; p < steps; p += 2) {
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 2 * width + j);
                int o = p * width + j;
                for (int i = 0; i < 2; i++) {
                    IntVector half = word.lanewise(VectorOperators.LSHR, 16 * i);
                    IntVector magnitude = half.and(0x7fff);
                    IntVector sign = half.and(0x8000).lanewise(VectorOperators.LSHL, 16);
                    IntVector special = magnitude.neg().add(0x7bff).lanewise(VectorOperators.ASHR, 31).and(0x7f800000);
                    IntVector finite = magnitude.lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f)
                            .reinterpretAsInts();
                    finite.or(special).or(sign).reinterpretAsFloats().intoArray(out, o + i * width);
                }
            }
        }
    }

    @Override
    public void quants8(int steps, int width, int[] words, int at, int block, float[] scales, int so, float[] mins,
            float[] out) {
        for (int p = 0; p < steps; p += 4) {
            int s = p / block * width;
            for (int j = 0; j < width; j += L) {
                IntVector word = word(words, at + p / 4 * width + j);
                FloatVector scale = load(scales, so + s + j);
                FloatVector min = load(mins, s + j);
                int o = p * width + j;
                quant8(word, 24).fma(scale, min).intoArray(out, o);
                quant8(word, 16).fma(scale, min).intoArray(out, o + width);
                quant8(word, 8).fma(scale, min).intoArray(out, o + 2 * width);
                quant8(word, 0).fma(scale, min).intoArray(out, o + 3 * width);
            }
        }
    }

    /** The signed byte that {@code shift} brings to the top. */
    private static FloatVector quant8(IntVector word, int shift) {
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
                FloatVector scale = load(scales, s + j);
                FloatVector min = load(mins, s + j);
                for (int i = 0; i < 8; i++) {
                    IntVector quant = word.lanewise(VectorOperators.LSHR, 4 * i).and(15).sub(offsets);
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
                IntVector upper = word(high, highAt + p / 16 * width + j).lanewise(VectorOperators.LSHR, p % 16 * 2);
                FloatVector scale = load(scales, s + j);
                FloatVector min = load(mins, s + j);
                for (int i = 0; i < 8; i++) {
                    IntVector top = upper.lanewise(VectorOperators.LSHR, 2 * i).and(3)
                            .lanewise(VectorOperators.LSHL, 4);
                    IntVector quant = lower.lanewise(VectorOperators.LSHR, 4 * i).and(15).or(top).sub(32);
                    toFloats(quant).fma(scale, min).intoArray(out, (p + i) * width + j);
                }
            }
        }
    }

    @Override
    public void scale(int steps, int width, int block, float[] scales, int so, float[] mins, float[] out) {
        for (int p = 0; p < steps; p++) {
            for (int j = 0; j < width; j += L) {
                int s = j / block * Kernels.CHAIN + p;
                FloatVector scale = FloatVector.broadcast(S, scales[so + s]);
                FloatVector min = FloatVector.broadcast(S, mins[s]);
                load(out, p * width + j).fma(scale, min).intoArray(out, p * width + j);
            }
        }
    }

    @Override
    public void bf16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 2) {
            FloatVector x = FloatVector.broadcast(S, a[ao + p]);
            FloatVector y = FloatVector.broadcast(S, a[ao + p + 1]);
            int w = at + p / 2 * width;
            IntVector b0 = word(words, w);
            IntVector b1 = word(words, w + L);
            c0 = y.fma(highBf16(b0), x.fma(lowBf16(b0), c0));
            c1 = y.fma(highBf16(b1), x.fma(lowBf16(b1), c1));
            if (WIDE) {
                IntVector b2 = word(words, w + 2 * L);
                IntVector b3 = word(words, w + 3 * L);
                c2 = y.fma(highBf16(b2), x.fma(lowBf16(b2), c2));
                c3 = y.fma(highBf16(b3), x.fma(lowBf16(b3), c3));
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
        if (WIDE) {
            put(c2, c, co + 2 * L, accumulate);
            put(c3, c, co + 3 * L, accumulate);
        }
    }

    @Override
    public void quants8Row(int steps, int width, float[] a, int ao, int[] words, int at, int block, float[] scales,
            int so, float[] c, int co, boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 4) {
            int w = at + p / 4 * width;
            int s = so + p / block * width;
            IntVector b0 = word(words, w);
            IntVector b1 = word(words, w + L);
            FloatVector s0 = load(scales, s);
            FloatVector s1 = load(scales, s + L);
            IntVector b2 = WIDE ? word(words, w + 2 * L) : b0;
            IntVector b3 = WIDE ? word(words, w + 3 * L) : b1;
            FloatVector s2 = WIDE ? load(scales, s + 2 * L) : s0;
            FloatVector s3 = WIDE ? load(scales, s + 3 * L) : s1;
            for (int shift = 24; shift >= 0; shift -= 8) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + 3 - shift / 8]);
                c0 = x.fma(quant8(b0, shift).mul(s0), c0);
                c1 = x.fma(quant8(b1, shift).mul(s1), c1);
                if (WIDE) {
                    c2 = x.fma(quant8(b2, shift).mul(s2), c2);
                    c3 = x.fma(quant8(b3, shift).mul(s3), c3);
                }
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
        if (WIDE) {
            put(c2, c, co + 2 * L, accumulate);
            put(c3, c, co + 3 * L, accumulate);
        }
    }

    private static void put(FloatVector sums, float[] c, int co, boolean accumulate) {
        if (accumulate) {
            load(c, co).add(sums).intoArray(c, co);
        } else {
            sums.intoArray(c, co);
        }
    }

    private static IntVector word(int[] words, int at) {
        return IntVector.fromArray(I, words, at);
    }

    private static FloatVector toFloats(IntVector quants) {
        return (FloatVector) quants.convert(VectorOperators.I2F, 0);
    }
}
