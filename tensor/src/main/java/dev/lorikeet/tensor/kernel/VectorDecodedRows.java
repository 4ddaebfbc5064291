package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static dev.lorikeet.tensor.kernel.VectorMatmul.WIDE;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link DecodedRows} on the JDK Vector API: panels of four vectors where there are 32 registers, else of two. Helpers
 * here are a few vector operations small: C2 leaves a call to one that it has compiled to much code by itself, and then
 * makes an object of each vector.
 */
final class VectorDecodedRows extends VectorDecoding implements DecodedRows {
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
    public void int8Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] scales, int so,
            float[] c, int co, boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        FloatVector c2 = FloatVector.zero(S);
        FloatVector c3 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 4) {
            int w = at + p / 4 * width;
            IntVector b0 = word(words, w);
            IntVector b1 = word(words, w + L);
            IntVector b2 = WIDE ? word(words, w + 2 * L) : b0;
            IntVector b3 = WIDE ? word(words, w + 3 * L) : b1;
            for (int i = 0; i < 4; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                c0 = x.fma(quant8(b0, 24 - 8 * i), c0);
                c1 = x.fma(quant8(b1, 24 - 8 * i), c1);
                if (WIDE) {
                    c2 = x.fma(quant8(b2, 24 - 8 * i), c2);
                    c3 = x.fma(quant8(b3, 24 - 8 * i), c3);
                }
            }
        }
        put(c0.mul(fromArray(S, scales, so)), c, co, accumulate);
        put(c1.mul(fromArray(S, scales, so + L)), c, co + L, accumulate);
        if (WIDE) {
            put(c2.mul(fromArray(S, scales, so + 2 * L)), c, co + 2 * L, accumulate);
            put(c3.mul(fromArray(S, scales, so + 3 * L)), c, co + 3 * L, accumulate);
        }
    }

    @Override
    public void quants8Row(int steps, int width, float[] a, int ao, int[] words, int at, int block, float[] scales,
            float[] c, int co, boolean accumulate) {
        for (int j = 0; j < width; j += 2 * L) {
            twoOfQuants8(steps, width, a, ao, words, at + j, block, scales, j, c, co + j, accumulate);
        }
    }

    private static void twoOfQuants8(int steps, int width, float[] a, int ao, int[] words, int at, int block,
            float[] scales, int so, float[] c, int co, boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 4) {
            int w = at + p / 4 * width;
            int s = so + p / block * width;
            IntVector b0 = word(words, w);
            IntVector b1 = word(words, w + L);
            FloatVector s0 = fromArray(S, scales, s);
            FloatVector s1 = fromArray(S, scales, s + L);
            for (int i = 0; i < 4; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                c0 = x.fma(quant8(b0, 24 - 8 * i).mul(s0), c0);
                c1 = x.fma(quant8(b1, 24 - 8 * i).mul(s1), c1);
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
    }

    @Override
    public void quants4Row(int steps, int width, float[] a, int ao, int[] words, int at, int offset, int block,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        for (int j = 0; j < width; j += 2 * L) {
            twoOfQuants4(steps, width, a, ao, words, at + j, offset, block, scales, mins, j, c, co + j, accumulate);
        }
    }

    private static void twoOfQuants4(int steps, int width, float[] a, int ao, int[] words, int at, int offset,
            int block, float[] scales, float[] mins, int so, float[] c, int co, boolean accumulate) {
        IntVector offsets = IntVector.broadcast(I, offset);
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 8) {
            int w = at + p / 8 * width;
            int s = so + p / block * width;
            IntVector b0 = word(words, w);
            IntVector b1 = word(words, w + L);
            FloatVector s0 = fromArray(S, scales, s);
            FloatVector s1 = fromArray(S, scales, s + L);
            FloatVector m0 = fromArray(S, mins, s);
            FloatVector m1 = fromArray(S, mins, s + L);
            for (int i = 0; i < 8; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                c0 = x.fma(toFloats(bits4(b0, 4 * i).sub(offsets)).fma(s0, m0), c0);
                c1 = x.fma(toFloats(bits4(b1, 4 * i).sub(offsets)).fma(s1, m1), c1);
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
    }

    @Override
    public void quants5Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt,
            int offset, int block, float[] scales, float[] mins, float[] c, int co, boolean accumulate) {
        for (int j = 0; j < width; j += 2 * L) {
            twoOfQuants5(steps, width, a, ao, low, lowAt + j, high, highAt + j, offset, block, scales, mins, j, c,
                    co + j, accumulate);
        }
    }

    private static void twoOfQuants5(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high,
            int highAt, int offset, int block, float[] scales, float[] mins, int so, float[] c, int co,
            boolean accumulate) {
        IntVector offsets = IntVector.broadcast(I, offset);
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 8) {
            int w = lowAt + p / 8 * width;
            int h = highAt + p / 32 * width;
            int s = so + p / block * width;
            IntVector b0 = word(low, w);
            IntVector b1 = word(low, w + L);
            IntVector h0 = word(high, h);
            IntVector h1 = word(high, h + L);
            FloatVector s0 = fromArray(S, scales, s);
            FloatVector s1 = fromArray(S, scales, s + L);
            FloatVector m0 = fromArray(S, mins, s);
            FloatVector m1 = fromArray(S, mins, s + L);
            for (int i = 0; i < 8; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                int top = p % 32 + i;
                c0 = x.fma(toFloats(bits4(b0, 4 * i).or(top1(h0, top)).sub(offsets)).fma(s0, m0), c0);
                c1 = x.fma(toFloats(bits4(b1, 4 * i).or(top1(h1, top)).sub(offsets)).fma(s1, m1), c1);
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
    }

    @Override
    public void quants6Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt,
            int block, float[] scales, float[] c, int co, boolean accumulate) {
        for (int j = 0; j < width; j += 2 * L) {
            twoOfQuants6(steps, width, a, ao, low, lowAt + j, high, highAt + j, block, scales, j, c, co + j,
                    accumulate);
        }
    }

    private static void twoOfQuants6(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high,
            int highAt, int block, float[] scales, int so, float[] c, int co, boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 8) {
            int w = lowAt + p / 8 * width;
            int h = highAt + p / 16 * width;
            int s = so + p / block * width;
            IntVector b0 = word(low, w);
            IntVector b1 = word(low, w + L);
            IntVector h0 = word(high, h);
            IntVector h1 = word(high, h + L);
            FloatVector s0 = fromArray(S, scales, s);
            FloatVector s1 = fromArray(S, scales, s + L);
            for (int i = 0; i < 8; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                int top = p % 16 * 2 + 2 * i;
                c0 = x.fma(toFloats(bits4(b0, 4 * i).or(top2(h0, top)).sub(32)).mul(s0), c0);
                c1 = x.fma(toFloats(bits4(b1, 4 * i).or(top2(h1, top)).sub(32)).mul(s1), c1);
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
    }

    @Override
    public void f16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co,
            boolean accumulate) {
        for (int j = 0; j < width; j += 2 * L) {
            twoOfF16(steps, width, a, ao, words, at + j, c, co + j, accumulate);
        }
    }

    private static void twoOfF16(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co,
            boolean accumulate) {
        FloatVector c0 = FloatVector.zero(S);
        FloatVector c1 = FloatVector.zero(S);
        for (int p = 0; p < steps; p += 2) {
            IntVector b0 = word(words, at + p / 2 * width);
            IntVector b1 = word(words, at + p / 2 * width + L);
            for (int i = 0; i < 2; i++) {
                FloatVector x = FloatVector.broadcast(S, a[ao + p + i]);
                IntVector m0 = magnitude(b0, 16 * i);
                IntVector m1 = magnitude(b1, 16 * i);
                c0 = x.fma(signed(finite(m0).or(special(m0)), b0, 16 - 16 * i), c0);
                c1 = x.fma(signed(finite(m1).or(special(m1)), b1, 16 - 16 * i), c1);
            }
        }
        put(c0, c, co, accumulate);
        put(c1, c, co + L, accumulate);
    }

    private static void put(FloatVector sums, float[] c, int co, boolean accumulate) {
        fromArray(S, accumulate ? c : VectorMatmul.NOTHING, accumulate ? co : 0).add(sums).intoArray(c, co);
    }
}
