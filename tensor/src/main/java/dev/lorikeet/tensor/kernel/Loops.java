package dev.lorikeet.tensor.kernel;

/**
 * Plain arithmetic on parts of arrays. Without a carried sum the same bits come however it is compiled, so that these
 * loops need no twin. C2 of JDK 25 makes vector code of those in which all arrays have one index; with an offset for
 * each it cannot rule out that they overlap.
 */
public final class Loops {
    private Loops() {}

    /** z = x + y. z may be either. */
    public static void add(int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
        if (xo == zo && yo == zo) {
            for (int i = zo; i < zo + n; i++) {
                z[i] = x[i] + y[i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                z[zo + i] = x[xo + i] + y[yo + i];
            }
        }
    }

    /** z = x·y, element by element. z may be either. */
    public static void multiply(int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
        if (xo == zo && yo == zo) {
            for (int i = zo; i < zo + n; i++) {
                z[i] = x[i] * y[i];
            }
        } else {
            for (int i = 0; i < n; i++) {
                z[zo + i] = x[xo + i] * y[yo + i];
            }
        }
    }

    /** y = factor·x. y may be x. */
    public static void scale(int n, float[] x, int xo, float factor, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] * factor;
        }
    }

    /** y = y + factor·x, each element one fused multiply-add. */
    public static void addScaled(int n, float[] x, int xo, float factor, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.fma(factor, x[xo + i], y[yo + i]);
        }
    }
}
