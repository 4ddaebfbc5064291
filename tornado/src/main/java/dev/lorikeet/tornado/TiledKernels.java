package dev.lorikeet.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Matrix products in work-groups: 16 × 16 work-items make a tile of 64 × 64 of C, each 16 of its elements, from parts
 * of A and B that the group has loaded into local memory together. x runs along the columns, so that what neighbours
 * load and store is neighbours in memory. Sums are in float32.
 *
 * <p>The forms are those of BLAS, with C (m, n) and sums of length k: {@link #NT} has A (m, k) and B (n, k), {@link
 * #NN} has A (m, k) and B (k, n), {@link #TN} has A (k, m) and B (k, n); all row by row. {@link ParallelKernels} has
 * the same products as plain loops.
 */
final class TiledKernels {
    static final int NT = 0;
    static final int NN = 1;
    static final int TN = 2;

    /** Rows and columns of a tile of C. */
    static final int TILE = 64;
    /** Work-items along each side of a group: each has every 16th row and column of the tile. */
    static final int GROUP = 16;
    /** Work-items that make one element of a product with one row. */
    static final int LANES = 32;

    private static final int DEPTH = 16;

    private TiledKernels() {}

    /**
     * C = scale·A·B + H·L + bias, with H and L in the form of A and B and sums of length r. One method: TornadoVM does
     * not inline one as long as this.
     */
    static void multiply(KernelContext context, FloatArray a, FloatArray b, FloatArray scale, FloatArray h,
            FloatArray l,
            FloatArray bias, FloatArray c, int m, int n, int k, int r, int form) {
        float[] left = context.allocateFloatLocalArray(DEPTH * TILE);
        float[] right = context.allocateFloatLocalArray(DEPTH * TILE);
        int x = context.localIdx;
        int y = context.localIdy;
        int row = context.groupIdy * TILE;
        int column = context.groupIdx * TILE;
        int item = y * GROUP + x;
        float factor = scale.get(0);
        float c00 = 0f;
        float c01 = 0f;
        float c02 = 0f;
        float c03 = 0f;
        float c10 = 0f;
        float c11 = 0f;
        float c12 = 0f;
        float c13 = 0f;
        float c20 = 0f;
        float c21 = 0f;
        float c22 = 0f;
        float c23 = 0f;
        float c30 = 0f;
        float c31 = 0f;
        float c32 = 0f;
        float c33 = 0f;
        int first = (k + DEPTH - 1) / DEPTH;
        int all = first + (r + DEPTH - 1) / DEPTH;
        for (int t = 0; t < all; t++) {
            for (int p = 0; p < TILE * DEPTH / (GROUP * GROUP); p++) {
                int at = item + p * GROUP * GROUP;
                // neighbours go along what is contiguous in memory: k where it is, else the rows or columns
                int i = form == TN ? at % TILE : at / DEPTH;
                int ki = form == TN ? at / TILE : at % DEPTH;
                int j = form == NT ? at / DEPTH : at % TILE;
                int kj = form == NT ? at % DEPTH : at / TILE;
                if (t < first) {
                    left[ki * TILE + i] = factor
                            * element(a, row + i, t * DEPTH + ki, m, k, form == TN ? 1 : 0);
                    right[kj * TILE + j] = element(b, column + j, t * DEPTH + kj, n, k, form == NT ? 0 : 1);
                } else {
                    int s = (t - first) * DEPTH;
                    left[ki * TILE + i] = element(h, row + i, s + ki, m, r, form == TN ? 1 : 0);
                    right[kj * TILE + j] = element(l, column + j, s + kj, n, r, form == NT ? 0 : 1);
                }
            }
            context.localBarrier();
            for (int d = 0; d < DEPTH; d++) {
                float a0 = left[d * TILE + y];
                float a1 = left[d * TILE + y + GROUP];
                float a2 = left[d * TILE + y + 2 * GROUP];
                float a3 = left[d * TILE + y + 3 * GROUP];
                float b0 = right[d * TILE + x];
                float b1 = right[d * TILE + x + GROUP];
                float b2 = right[d * TILE + x + 2 * GROUP];
                float b3 = right[d * TILE + x + 3 * GROUP];
                c00 += a0 * b0;
                c01 += a0 * b1;
                c02 += a0 * b2;
                c03 += a0 * b3;
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
                c20 += a2 * b0;
                c21 += a2 * b1;
                c22 += a2 * b2;
                c23 += a2 * b3;
                c30 += a3 * b0;
                c31 += a3 * b1;
                c32 += a3 * b2;
                c33 += a3 * b3;
            }
            context.localBarrier();
        }
        int i = row + y;
        int j = column + x;
        store(c, i, j, m, n, c00, bias);
        store(c, i, j + GROUP, m, n, c01, bias);
        store(c, i, j + 2 * GROUP, m, n, c02, bias);
        store(c, i, j + 3 * GROUP, m, n, c03, bias);
        store(c, i + GROUP, j, m, n, c10, bias);
        store(c, i + GROUP, j + GROUP, m, n, c11, bias);
        store(c, i + GROUP, j + 2 * GROUP, m, n, c12, bias);
        store(c, i + GROUP, j + 3 * GROUP, m, n, c13, bias);
        store(c, i + 2 * GROUP, j, m, n, c20, bias);
        store(c, i + 2 * GROUP, j + GROUP, m, n, c21, bias);
        store(c, i + 2 * GROUP, j + 2 * GROUP, m, n, c22, bias);
        store(c, i + 2 * GROUP, j + 3 * GROUP, m, n, c23, bias);
        store(c, i + 3 * GROUP, j, m, n, c30, bias);
        store(c, i + 3 * GROUP, j + GROUP, m, n, c31, bias);
        store(c, i + 3 * GROUP, j + 2 * GROUP, m, n, c32, bias);
        store(c, i + 3 * GROUP, j + 3 * GROUP, m, n, c33, bias);
    }

    /** Element i of the long side and s of the sums; 0 beyond the edge. Turned, the sums run down the columns. */
    private static float element(FloatArray x, int i, int s, int length, int depth, int turned) {
        float value = 0f;
        if (i < length && s < depth) {
            value = turned == 1 ? x.get(s * length + i) : x.get(i * depth + s);
        }
        return value;
    }

    private static void store(FloatArray c, int i, int j, int m, int n, float sum, FloatArray bias) {
        if (i < m && j < n) {
            c.set(i * n + j, sum + bias.get(j));
        }
    }

    /**
     * y = W·x + L·h + bias for one row x (k), W (n, k), h (r) and L (n, r): a group for each element, whose work-items
     * read a row of W side by side and add up their sums in a tree.
     */
    static void multiplyRow(KernelContext context, FloatArray x, FloatArray w, FloatArray h, FloatArray l,
            FloatArray bias, FloatArray y, int n, int k, int r) {
        float[] sums = context.allocateFloatLocalArray(LANES);
        int lane = context.localIdx;
        int j = context.groupIdx;
        float sum = 0f;
        for (int s = lane; s < k; s += LANES) {
            sum += w.get(j * k + s) * x.get(s);
        }
        for (int s = lane; s < r; s += LANES) {
            sum += l.get(j * r + s) * h.get(s);
        }
        sums[lane] = sum;
        for (int half = LANES / 2; half > 0; half >>= 1) {
            context.localBarrier();
            if (lane < half) {
                sums[lane] += sums[lane + half];
            }
        }
        if (lane == 0) {
            y.set(j, sums[0] + bias.get(j));
        }
    }
}
