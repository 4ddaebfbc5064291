package dev.lorikeet.tensor;

import java.util.Arrays;

/**
 * Rotary position embedding (Su et al. 2021, eq. 34): in each head, pair j of the first {@code 2·pairs} elements turns
 * by position·frequency(j); what is behind them stays as it is. Cosines and sines are tables, made once.
 *
 * @param cos (positions, pairs)
 * @param sin (positions, pairs)
 * @param order which two elements are a pair
 */
public record Rotary(Tensor cos, Tensor sin, Order order) {
    private static final int ROWS = 32;

    /** Which two elements turn together. */
    public enum Order {
        /** j and pairs + j: Hugging Face's Llama. */
        HALVES,
        /** 2j and 2j + 1, as in the paper: Hugging Face's GPT-J. */
        INTERLEAVED
    }

    /**
     * Tables for {@code positions}. As in Hugging Face's code the angle is a product rounded to float; its cosine is
     * then computed in double precision.
     */
    public static Rotary of(float[] frequencies, int positions, Order order) {
        return of(frequencies, positions, order, 1f);
    }

    /** As above, with {@code factor}·cos and {@code factor}·sin: turned elements grow by it (Peng et al. 2023). */
    public static Rotary of(float[] frequencies, int positions, Order order, float factor) {
        Tensor cos = Tensor.zeros(positions, frequencies.length);
        Tensor sin = Tensor.zeros(positions, frequencies.length);
        for (int position = 0; position < positions; position++) {
            for (int j = 0; j < frequencies.length; j++) {
                float angle = position * frequencies[j];
                cos.data()[position * frequencies.length + j] = (float) StrictMath.cos(angle) * factor;
                sin.data()[position * frequencies.length + j] = (float) StrictMath.sin(angle) * factor;
            }
        }
        return new Rotary(cos, sin, order);
    }

    /**
     * base^(-2j/dims) for j below dims/2; base is 10,000 in the paper. Rounded to float at each step of
     * 1/base^(2j/dims), as Hugging Face's code: at position 100,000 one bit is a hundredth of a radian.
     */
    public static float[] frequencies(int dims, double base) {
        float[] ones = new float[dims / 2];
        Arrays.fill(ones, 1f);
        return frequencies(dims, base, ones);
    }

    /**
     * As above, 1/(divisor·base^(2j/dims)).
     *
     * @param divisors one for each pair
     */
    public static float[] frequencies(int dims, double base, float... divisors) {
        float[] frequencies = new float[dims / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = 1f / (divisors[j] * (float) StrictMath.pow(base, 2f * j / dims));
        }
        return frequencies;
    }

    /**
     * y = x turned, row by row. y may be x.
     *
     * @param x (rows, heads·d)
     * @param positions the position of each row, an index of the tables
     * @throws IllegalArgumentException if the tables have more elements than a head, or lack a position
     */
    public void forward(Compute compute, Tensor x, int[] positions, int heads, Tensor y) {
        turn(compute, x, positions, heads, 1f, y);
    }

    /**
     * dx = dy turned back, by the negative angles: a rotation's inverse is its transpose, and what it grows by stays.
     * dx may be dy.
     */
    public void backward(Compute compute, Tensor dy, int[] positions, int heads, Tensor dx) {
        turn(compute, dy, positions, heads, -1f, dx);
    }

    private void turn(Compute compute, Tensor x, int[] positions, int heads, float direction, Tensor y) {
        int hidden = x.dim(-1);
        int rows = x.shape().rows();
        check(x, positions, heads);
        compute.workers().run(Math.ceilDiv(rows, ROWS), task -> {
            for (int i = task * ROWS; i < Math.min(rows, (task + 1) * ROWS); i++) {
                if (y.data() != x.data() || y.offset() != x.offset()) {
                    System.arraycopy(x.data(), x.offset() + i * hidden, y.data(), y.offset() + i * hidden, hidden);
                }
                for (int head = 0; head < heads; head++) {
                    turn(y.data(), y.offset() + i * hidden + head * (hidden / heads), positions[i], direction);
                }
            }
        });
    }

    private void check(Tensor x, int[] positions, int heads) {
        int hidden = x.dim(-1);
        if (positions.length != x.shape().rows() || hidden % heads != 0 || hidden / heads < 2 * cos.dim(1)) {
            throw new IllegalArgumentException("rotary: " + x.shape() + " in " + heads + " heads at "
                    + positions.length + " positions, tables " + cos.shape());
        }
        for (int position : positions) {
            if (position < 0 || position >= cos.dim(0)) {
                throw new IllegalArgumentException("rotary: position " + position + ", tables " + cos.shape());
            }
        }
    }

    /** One head in place. */
    private void turn(float[] y, int at, int position, float direction) {
        int pairs = cos.dim(1);
        int table = position * pairs;
        int step = order == Order.HALVES ? 1 : 2;
        int other = order == Order.HALVES ? pairs : 1;
        for (int j = 0; j < pairs; j++) {
            float c = cos.data()[cos.offset() + table + j];
            float s = sin.data()[sin.offset() + table + j] * direction;
            int first = at + j * step;
            float a = y[first];
            float b = y[first + other];
            y[first] = Math.fma(a, c, -(b * s));
            y[first + other] = Math.fma(b, c, a * s);
        }
    }
}
