package dev.lorikeet.transformer.metrics;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.stream.IntStream;

/** The order of numbers, for metrics that ask which is larger and not by how much. None may be NaN. */
final class Ranks {
    private Ranks() {}

    /** The indices of the values from the smallest to the largest, of equal ones the first first. */
    static int[] order(float[] values) {
        int[] order = IntStream.range(0, values.length).toArray();
        // Float.compare has -0 before 0, and they are equal.
        IntArrays.stableSort(order, (a, b) -> values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0);
        return order;
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
