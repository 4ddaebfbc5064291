package dev.lorikeet.bench.peers;

/** Results as one number that is the same for engines that round differently, and another for another result. */
public final class Digest {
    private static final double TOLERANCE = 1e-3;

    private Digest() {}

    /** Σ |x_i|·(1 + i mod 7), so that a transposed result shows too. */
    public static double of(float[] x) {
        return of(x, 0, x.length);
    }

    /** As above, over {@code count} elements from {@code from} on. */
    public static double of(float[] x, int from, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.abs(x[from + i]) * (1 + i % 7);
        }
        return sum;
    }

    /** Whether both are of one result. */
    static boolean agree(double a, double b) {
        return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
    }
}
