package dev.lorikeet.tensor.kernel;

/**
 * A {@link Decoding} that can also multiply while it decodes: one row of {@link Kernels#matmul}, one chain and a whole
 * panel of {@link Kernels#panelWidth()} columns, with weights that go to no cache. The bits are those of the product
 * with decoded weights. Weights, scales and minima lie as {@link Decoding} has them; {@code steps} is a multiple of 16,
 * or of 2 for {@link #bf16Row} and {@link #f16Row} and of 4 for {@link #int8Row}.
 */
public interface DecodedRows extends Decoding {
    /** With {@link #bf16}. */
    void bf16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co, boolean accumulate);

    /** With {@link #f16}. */
    void f16Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] c, int co, boolean accumulate);

    /** With {@link #quants8} of scale 1; column j of the product is multiplied by {@code scales[so + j]}. */
    void int8Row(int steps, int width, float[] a, int ao, int[] words, int at, float[] scales, int so, float[] c,
            int co, boolean accumulate);

    /** With {@link #quants8} without minima. */
    void quants8Row(int steps, int width, float[] a, int ao, int[] words, int at, int block, float[] scales, float[] c,
            int co, boolean accumulate);

    /** With {@link #quants4}. */
    void quants4Row(int steps, int width, float[] a, int ao, int[] words, int at, int offset, int block,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate);

    /** With {@link #quants5}. */
    void quants5Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt, int offset,
            int block, float[] scales, float[] mins, float[] c, int co, boolean accumulate);

    /** With {@link #quants6} without minima. */
    void quants6Row(int steps, int width, float[] a, int ao, int[] low, int lowAt, int[] high, int highAt, int block,
            float[] scales, float[] c, int co, boolean accumulate);
}
