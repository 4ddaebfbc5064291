package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Loops;

/** A range of columns of (rows, n) tensors, read forward and added to backward. */
public final class Columns {
    private Columns() {}

    /** y = the columns of x from {@code from} on, as many as y has. */
    public static void read(Tensor x, int from, Tensor y) {
        int n = x.dim(-1);
        int width = y.dim(-1);
        for (int i = 0; i < y.shape().rows(); i++) {
            System.arraycopy(x.data(), x.offset() + i * n + from, y.data(), y.offset() + i * width, width);
        }
    }

    /** The columns of y from {@code from} on, as many as x has, = x. */
    public static void write(Tensor x, Tensor y, int from) {
        int n = y.dim(-1);
        int width = x.dim(-1);
        for (int i = 0; i < x.shape().rows(); i++) {
            System.arraycopy(x.data(), x.offset() + i * width, y.data(), y.offset() + i * n + from, width);
        }
    }

    /** The columns of y from {@code from} on, as many as x has, += x. */
    public static void add(Tensor x, Tensor y, int from) {
        int n = y.dim(-1);
        int width = x.dim(-1);
        for (int i = 0; i < x.shape().rows(); i++) {
            int to = y.offset() + i * n + from;
            Loops.add(width, x.data(), x.offset() + i * width, y.data(), to, y.data(), to);
        }
    }
}
