package dev.lorikeet.tensor.kernel;

/**
 * Stored weights to float32: the part of {@link Kernels} that the formats of packed weights are made of.
 * {@link ScalarDecoding} is the specification; {@link VectorDecoding} gives the same bits.
 *
 * <p>Weights are stored in words of 32 bits, at each column of a panel the weights of consecutive steps of k, the first
 * in the lowest bits: 2 of 16 bits, 4 of 8, 8 of 4, 16 of 2, 32 of 1. So a vector of words becomes whole vectors of
 * weights by shifts within its lanes, at any width. The first word is at {@code words[at]}, the next in the same column
 * {@code width} later. Decoded weights go to {@code out[p·width + j]}, in steps up to the end of the last word.
 *
 * <p>Quants q become w = fma(q, scale, min); without a minimum {@code min} is -0, which leaves all numbers as they are.
 * Step p of column j has the scale {@code scales[p / block · width + j]}, and the minimum in the same place.
 */
public interface Decoding {
    /** Weights of 16 bits as bfloat16. */
    void bf16(int steps, int width, int[] words, int at, float[] out);

    /** Weights of 16 bits as IEEE 754 binary16, subnormal numbers, infinities and NaN among them. */
    void f16(int steps, int width, int[] words, int at, float[] out);

    /** Signed quants of 8 bits; {@code block} is a multiple of 4. */
    void quants8(int steps, int width, int[] words, int at, int block, float[] scales, float[] mins,
            float[] out);

    /** Quants of 4 bits less {@code offset}; {@code block} is a multiple of 8. */
    void quants4(int steps, int width, int[] words, int at, int offset, int block, float[] scales, float[] mins,
            float[] out);

    /**
     * Quants of 5 bits less {@code offset}, the lower four in {@code low}, the upper one in {@code high}, of which a
     * word has 32 steps, and p = 0 is the first of one; {@code block} is a multiple of 8.
     */
    void quants5(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int offset, int block,
            float[] scales, float[] mins, float[] out);

    /**
     * Quants of 6 bits less 32, the lower four in {@code low}, the upper two in {@code high}; blocks as above, of 16.
     */
    void quants6(int steps, int width, int[] low, int lowAt, int[] high, int highAt, int block, float[] scales,
            float[] mins, float[] out);

    /**
     * out = fma(out, scale, min) where the blocks run along the columns: column j of step p has the scale
     * {@code scales[so + j / block · }{@value Kernels#CHAIN}{@code  + p]}, and the minimum in the same place.
     */
    void scale(int steps, int width, int block, float[] scales, float[] mins, int so, float[] out);
}
