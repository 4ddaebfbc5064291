package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/** What the tensors of a test are made of. Element i of row 0, 1, 2, … is always the same number. */
public enum Values {
    /** Around 0, with a deviation of 1, most of them small. */
    ORDINARY,
    /** Zeros of both signs. */
    ZERO,
    /** Positive in even rows, negative in odd ones, and so small that a product of two is rounded to zero. */
    TINY,
    /** Row 0 is one number, so large that a few hundred times as much is infinite; the others are ordinary. */
    HUGE,
    /** Zeros, subnormal numbers, infinities, and the ends of what the elementary functions treat alike. */
    SPECIAL,
    /** As {@link #SPECIAL}, with NaN among them. */
    NAN;

    private static final float[] SPECIALS = {0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL,
        -Float.MIN_NORMAL, 1e-30f, -1e-30f, 0.5f, -0.5f, 1f, -1f, 3f, -3f, FloatMath.ERF_LIMIT,
        -FloatMath.ERF_LIMIT, FloatMath.TANH_LIMIT, -FloatMath.TANH_LIMIT, 13.2f, -13.2f, FloatMath.EXP_LOW,
        Math.nextDown(FloatMath.EXP_LOW), FloatMath.EXP_HIGH, Math.nextUp(FloatMath.EXP_HIGH), 1e20f, -1e20f,
        Float.MAX_VALUE, -Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};

    public float at(long row, int i) {
        long key = Random.key(17, row);
        int choice = (int) (Random.bits(key, i) >>> 33);
        return switch (this) {
            case ORDINARY -> (Random.uniform(key, 2L * i) + Random.uniform(key, 2L * i + 1) - 1) * 2.45f;
            case ZERO -> choice % 2 == 0 ? 0f : -0f;
            case TINY -> (row % 2 == 0 ? 1e-30f : -1e-30f) * (1 + choice % 3);
            case HUGE -> row == 0 ? 0x1p120f : ORDINARY.at(row, i);
            case SPECIAL -> SPECIALS[choice % (SPECIALS.length - 1)];
            case NAN -> SPECIALS[choice % SPECIALS.length];
        };
    }

    public float[] row(long row, int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = at(row, i);
        }
        return x;
    }

    /** A tensor of row {@code row}, in the middle of an array of NaN. */
    public Tensor tensor(long row, int... dims) {
        Tensor x = unset(dims);
        System.arraycopy(row(row, x.size()), 0, x.data(), x.offset(), x.size());
        return x;
    }

    /** A tensor for a result, of NaN in the middle of an array of NaN. */
    public static Tensor unset(int... dims) {
        int size = Shape.of(dims).size();
        Tensor all = Tensor.zeros(size + 5);
        all.fill(Float.NaN);
        return all.rows(3, 3 + size).reshape(dims);
    }
}
