package dev.lorikeet.tornado.plan;

/**
 * For how many rows a plan is made. Sizes are constants in compiled kernels and batches have any length, so that rows
 * are rounded up; the rows behind the last are zeros, which leave the sums over rows alone.
 */
public final class Capacity {
    private static final int LEAST = 16;

    private Capacity() {}

    /** 1, or the least of 16, 24, 32, 48, 64, 96 … that is at least {@code rows}: half of it more at the most. */
    public static int of(int rows) {
        if (rows == 1) {
            return 1;
        }
        int power = LEAST;
        while (power < rows && power <= Integer.MAX_VALUE / 4) {
            if (power + power / 2 >= rows) {
                return power + power / 2;
            }
            power *= 2;
        }
        return Math.max(power, rows);
    }
}
