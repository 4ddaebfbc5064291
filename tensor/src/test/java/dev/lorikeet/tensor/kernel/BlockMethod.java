package dev.lorikeet.tensor.kernel;

import java.util.Arrays;

/**
 * The methods of {@link AttentionKernels} and {@link Kernels#addRow}, each as a function of a block of scores for some
 * keys and queries and of matrices with n columns and with NaN between their rows. What is written past a row of a
 * matrix shows.
 */
public enum BlockMethod {
    SOFTMAX((kernels, b) -> {
        kernels.softmax(b.keys, b.queries, b.s, 0.3f, b.shift, b.other);
        return b.block(b.s, b.shift, b.other);
    }),

    SOFTMAX_BACKWARD((kernels, b) -> {
        kernels.softmaxBackward(b.keys, b.queries, b.s, 0.3f, b.shift, b.other, b.p, b.delta);
        return b.block(b.s, b.p);
    }),

    WEIGHTED_SUMS((kernels, b) -> {
        kernels.weightedSums(b.keys, b.queries, b.n, b.p, b.x, 3, b.ld(), b.y, 3, b.ld(), false);
        return b.y;
    }),

    WEIGHTED_SUMS_ADDED((kernels, b) -> {
        kernels.weightedSums(b.keys, b.queries, b.n, b.p, b.x, 3, b.ld(), b.y, 3, b.ld(), true);
        return b.y;
    }),

    MEANS((kernels, b) -> {
        float[] mean = new float[b.n];
        kernels.means(b.keys, b.n, b.x, 3, b.ld(), mean);
        return mean;
    }),

    SUBTRACT((kernels, b) -> {
        float[] y = new float[b.keys * b.n];
        kernels.subtract(b.keys, b.n, b.x, 3, b.ld(), b.s, y);
        return y;
    }),

    MULTIPLY_ROWS((kernels, b) -> {
        kernels.multiplyRows(b.queries, b.n, b.delta, b.y, 3, b.ld());
        return b.y;
    }),

    ADD_ROW((kernels, b) -> {
        kernels.addRow(b.queries, b.n, b.x, 3, b.y, 3, b.ld());
        return b.y;
    });

    /** The arguments of one call. */
    private record Block(int keys, int queries, int n, float[] s, float[] p, float[] shift, float[] other,
            float[] delta, float[] x, float[] y) {
        private static final int LD = AttentionKernels.QUERIES;

        static Block of(Values values, int keys, int queries, int n) {
            return new Block(keys, queries, n, values.row(0, LD * LD), values.row(1, LD * LD), values.row(2, LD),
                    values.row(3, LD), values.row(4, LD), spread(values, 5, n), spread(values, 6, n));
        }

        int ld() {
            return n + 5;
        }

        private static float[] spread(Values values, int row, int n) {
            float[] matrix = new float[LD * (n + 5)];
            Arrays.fill(matrix, Float.NaN);
            for (int i = 0; i < LD; i++) {
                System.arraycopy(values.row(row + 7L * i, n), 0, matrix, 3 + i * (n + 5), n);
            }
            return matrix;
        }

        /** The rows of blocks, and of arrays of a number for each query, without what is past the queries. */
        float[] block(float[]... parts) {
            float[] all = new float[parts.length * keys * queries];
            for (int part = 0; part < parts.length; part++) {
                for (int j = 0; j < keys && (j + 1) * LD <= parts[part].length; j++) {
                    System.arraycopy(parts[part], j * LD, all, (part * keys + j) * queries, queries);
                }
            }
            return all;
        }
    }

    private interface Call {
        float[] run(Kernels kernels, Block block);
    }

    private final Call call;

    BlockMethod(Call call) {
        this.call = call;
    }

    /** All results. */
    public float[] run(Kernels kernels, Values values, int keys, int queries, int n) {
        return call.run(kernels, Block.of(values, keys, queries, n));
    }
}
