package dev.lorikeet.transformer.metrics;

import java.util.Arrays;

/** The order of numbers, for metrics that ask which is larger and not by how much. None may be NaN. */
final class Ranks {
    private Ranks() {}

    /** The indices of the values from the smallest to the largest, of equal ones the first first. */
    static int[] order(float[] values) {
        long[] order = new long[values.length]; // the value in the upper half, its index in the lower
        for (int i = 0; i < order.length; i++) {
            int bits = Float.floatToIntBits(values[i] + 0f); // of -0, which is equal to 0, those of 0
            order[i] = (long) (bits < 0 ? bits ^ Integer.MAX_VALUE : bits) << Integer.SIZE | i;
        }
        Arrays.sort(order);
        return Arrays.stream(order).mapToInt(key -> (int) key).toArray();
    }

    /**
     * The rank of each value, the smallest's 1; equal ones share the mean of theirs, as {@code average} of SciPy's
     * {@code rankdata}.
     */
    static double[] average(float[] values) {
        int[] order = order(values);
        double[] ranks = new double[values.length];
        int from = 0;
        while (from < order.length) {
            int to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
