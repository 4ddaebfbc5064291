package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Loops;

/** Operations that gather, scatter or average whole rows, forward beside backward. */
public final class WholeRows {
    private WholeRows() {}

    /** y[i] (+)= table[index[i]]: an embedding look-up. Adds to y where {@code accumulate}. */
    public static void gather(Tensor table, int[] index, Tensor y, boolean accumulate) {
        int n = table.dim(-1);
        for (int i = 0; i < index.length; i++) {
            int from = table.offset() + index[i] * n;
            int to = y.offset() + i * n;
            if (accumulate) {
                Loops.addScaled(n, table.data(), from, 1f, y.data(), to);
            } else {
                System.arraycopy(table.data(), from, y.data(), to, n);
            }
        }
    }

    /**
     * dtable[index[i]] += dy[i] in the order of i: the gradient of {@link #gather}; rows of {@code skipped} get none.
     */
    public static void scatterAdd(Tensor dy, int[] index, Tensor dtable, int skipped) {
        int n = dtable.dim(-1);
        for (int i = 0; i < index.length; i++) {
            if (index[i] != skipped) {
                Loops.addScaled(n, dy.data(), dy.offset() + i * n, 1f, dtable.data(),
                        dtable.offset() + index[i] * n);
            }
        }
    }

    /** y[s] = the mean of rows offsets[s] … offsets[s + 1] - 1 of x (rows, n). */
    public static void mean(Tensor x, int[] offsets, Tensor y) {
        int n = x.dim(-1);
        y.fill(0f);
        for (int s = 0; s + 1 < offsets.length; s++) {
            float factor = 1f / (offsets[s + 1] - offsets[s]);
            int to = y.offset() + s * n;
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                Loops.addScaled(n, x.data(), x.offset() + i * n, 1f, y.data(), to);
            }
            for (int j = to; j < to + n; j++) {
                y.data()[j] *= factor;
            }
        }
    }

    /** dx[i] = dy[s]/length(s) for each row i of sequence s: the gradient of {@link #mean}. */
    public static void meanBackward(Tensor dy, int[] offsets, Tensor dx) {
        int n = dx.dim(-1);
        for (int s = 0; s + 1 < offsets.length; s++) {
            float factor = 1f / (offsets[s + 1] - offsets[s]);
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                int from = dy.offset() + s * n;
                int to = dx.offset() + i * n;
                for (int j = 0; j < n; j++) {
                    dx.data()[to + j] = dy.data()[from + j] * factor;
                }
            }
        }
    }

    /** The column of the largest element of row {@code i} of x (m, n); the first of several. */
    public static int argmax(Tensor x, int i) {
        int n = x.dim(-1);
        int row = x.offset() + i * n;
        int best = 0;
        for (int j = 1; j < n; j++) {
            if (x.data()[row + j] > x.data()[row + best]) {
                best = j;
            }
        }
        return best;
    }
}
