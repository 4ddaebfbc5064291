package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Loops;

/**
 * Element-wise operations and loops over rows, forward beside backward. Plain arithmetic without a carried sum gives
 * the same bits however it is compiled, so that these loops need no twin.
 */
public final class Elementwise {
    /** Elements in one task. */
    private static final int CHUNK = 1 << 14;

    private Elementwise() {}

    /** y = gelu(x), see {@link Kernels#gelu}. */
    public static void gelu(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().gelu(n, x.data(), x.offset() + from, y.data(),
                y.offset() + from));
    }

    /** dx = dy·gelu'(x). dx may be dy. */
    public static void geluBackward(Compute compute, Tensor x, Tensor dy, Tensor dx) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().geluBackward(n, x.data(), x.offset() + from,
                dy.data(), dy.offset() + from, dx.data(), dx.offset() + from));
    }

    /** y = gelu(x) in its form with tanh, see {@link Kernels#geluTanh}. */
    public static void geluTanh(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().geluTanh(n, x.data(), x.offset() + from, y.data(),
                y.offset() + from));
    }

    /** dx = dy·geluTanh'(x). dx may be dy. */
    public static void geluTanhBackward(Compute compute, Tensor x, Tensor dy, Tensor dx) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().geluTanhBackward(n, x.data(), x.offset() + from,
                dy.data(), dy.offset() + from, dx.data(), dx.offset() + from));
    }

    /** y = x·σ(x), see {@link Kernels#silu}. */
    public static void silu(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().silu(n, x.data(), x.offset() + from, y.data(),
                y.offset() + from));
    }

    /** dx = dy·silu'(x). dx may be dy. */
    public static void siluBackward(Compute compute, Tensor x, Tensor dy, Tensor dx) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().siluBackward(n, x.data(), x.offset() + from,
                dy.data(), dy.offset() + from, dx.data(), dx.offset() + from));
    }

    /** y = max(x, 0). y may be x. */
    public static void relu(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> {
            for (int i = from; i < from + n; i++) {
                y.data()[y.offset() + i] = Math.max(x.data()[x.offset() + i], 0f);
            }
        });
    }

    /** dx = dy where y > 0, else 0, for y = relu(x). dx may be dy. */
    public static void reluBackward(Compute compute, Tensor y, Tensor dy, Tensor dx) {
        chunks(compute, y.size(), (from, n) -> {
            for (int i = from; i < from + n; i++) {
                dx.data()[dx.offset() + i] = y.data()[y.offset() + i] > 0 ? dy.data()[dy.offset() + i] : 0f;
            }
        });
    }

    /** y = tanh(x). */
    public static void tanh(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> compute.kernels().tanh(n, x.data(), x.offset() + from, y.data(),
                y.offset() + from));
    }

    /** dx = dy·(1 - y²) for y = tanh(x). */
    public static void tanhBackward(Tensor y, Tensor dy, Tensor dx) {
        float[] out = y.data();
        float[] up = dy.data();
        float[] down = dx.data();
        for (int i = 0; i < y.size(); i++) {
            float v = out[y.offset() + i];
            down[dx.offset() + i] = up[dy.offset() + i] * Math.fma(-v, v, 1f);
        }
    }

    /** y = 1/(1 + e^(-x)). y may be x. */
    public static void sigmoid(Compute compute, Tensor x, Tensor y) {
        chunks(compute, x.size(), (from, n) -> {
            compute.kernels().exp(n, x.data(), x.offset() + from, -1f, 0f, y.data(), y.offset() + from);
            for (int i = y.offset() + from; i < y.offset() + from + n; i++) {
                y.data()[i] = 1f / (1f + y.data()[i]);
            }
        });
    }

    /** dx = dy·y·(1 - y) for y = sigmoid(x). dx may be dy. */
    public static void sigmoidBackward(Compute compute, Tensor y, Tensor dy, Tensor dx) {
        chunks(compute, y.size(), (from, n) -> {
            for (int i = from; i < from + n; i++) {
                float v = y.data()[y.offset() + i];
                dx.data()[dx.offset() + i] = dy.data()[dy.offset() + i] * (v * (1f - v));
            }
        });
    }

    /** y = {@code value} where the mask says so, else x. y may be x. */
    public static void maskedFill(Compute compute, Tensor x, boolean[] mask, float value, Tensor y) {
        chunks(compute, x.size(), (from, n) -> {
            for (int i = from; i < from + n; i++) {
                y.data()[y.offset() + i] = mask[i] ? value : x.data()[x.offset() + i];
            }
        });
    }

    /** z = x + y. z may be either. */
    public static void add(Compute compute, Tensor x, Tensor y, Tensor z) {
        chunks(compute, x.size(), (from, n) -> Loops.add(n, x.data(), x.offset() + from, y.data(), y.offset() + from,
                z.data(), z.offset() + from));
    }

    /** z = x·y, element by element. z may be either. */
    public static void multiply(Compute compute, Tensor x, Tensor y, Tensor z) {
        chunks(compute, x.size(),
                (from, n) -> Loops.multiply(n, x.data(), x.offset() + from, y.data(), y.offset() + from,
                        z.data(), z.offset() + from));
    }

    /** y = x + row for each row of x (…, n), {@code row} (n): a bias. y may be x. */
    public static void addRow(Compute compute, Tensor x, Tensor row, Tensor y) {
        int n = row.size();
        int rows = n == 0 ? 0 : x.size() / n;
        int together = Math.max(1, CHUNK / Math.max(1, n));
        compute.workers().run(Math.ceilDiv(rows, together), task -> {
            for (int i = task * together; i < Math.min(rows, (task + 1) * together); i++) {
                Loops.add(n, x.data(), x.offset() + i * n, row.data(), row.offset(), y.data(), y.offset() + i * n);
            }
        });
    }

    /** y = factor·x. y may be x. */
    public static void scale(Tensor x, float factor, Tensor y) {
        Loops.scale(x.size(), x.data(), x.offset(), factor, y.data(), y.offset());
    }

    /** y = y + factor·x, each element one fused multiply-add. */
    public static void addScaled(Tensor x, float factor, Tensor y) {
        Loops.addScaled(x.size(), x.data(), x.offset(), factor, y.data(), y.offset());
    }

    /**
     * sums (n) = Σ rows of x (m, n), in the order of the rows: the gradient of a bias. Adds to sums where accumulate.
     */
    public static void sumRows(Tensor x, Tensor sums, boolean accumulate) {
        int n = x.dim(-1);
        if (!accumulate) {
            sums.fill(0f);
        }
        for (int i = 0; i < x.shape().rows(); i++) {
            Loops.add(n, x.data(), x.offset() + i * n, sums.data(), sums.offset(), sums.data(), sums.offset());
        }
    }

    /**
     * Inverted dropout (Srivastava et al. 2014): y = x/(1 - p) where the mask keeps an element, else 0. The mask is a
     * function of (key, element), computed again by the backward pass, which is this method on the gradient.
     *
     * @param probability of dropping, in [0, 1)
     */
    public static void dropout(Compute compute, Tensor x, float probability, long key, Tensor y) {
        float keep = 1 / (1 - probability);
        long threshold = (long) (probability * 0x1p32);
        chunks(compute, x.size(), (from, n) -> {
            for (int i = from; i < from + n; i++) {
                boolean kept = Random.bits(key, i) >>> 32 >= threshold;
                y.data()[y.offset() + i] = kept ? x.data()[x.offset() + i] * keep : 0f;
            }
        });
    }

    /** Work on the elements from {@code from} on. */
    private interface Chunk {
        void run(int from, int count);
    }

    private static void chunks(Compute compute, int size, Chunk chunk) {
        compute.workers().run(Math.ceilDiv(size, CHUNK), task -> {
            int from = task * CHUNK;
            chunk.run(from, Math.min(CHUNK, size - from));
        });
    }
}
