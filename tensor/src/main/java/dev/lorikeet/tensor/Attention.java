package dev.lorikeet.tensor;

import java.util.Arrays;

/**
 * Multi-head softmax attention (Vaswani et al. 2017) over packed sequences: sequence s is the rows
 * {@code offsets[s]} … {@code offsets[s + 1] - 1} of q, k and v, and sees itself only. No row of padding exists.
 *
 * <p>For each sequence and head, with T its length and d the head size: S = q·kᵀ/√d, P = softmax(S), o = P·v. Heads are
 * read in place as columns h·d … of the (rows, heads·d) tensors. The backward pass computes P again instead of keeping
 * it. Scratch is three (T, T) matrices for each thread at work.
 */
public final class Attention {
    /** Heads in one task: those of one row lie side by side, and threads that share a cache line wait for each other. */
    private static final int HEADS = 4;

    private Attention() {}

    /** Work on one head of one sequence; {@code at} is its first element in each tensor. */
    private interface Head {
        void run(int at, int length, Scratch scratch);
    }

    private static void forEachHead(Compute compute, int hidden, int[] offsets, int heads, Head work) {
        int d = hidden / heads;
        int groups = Math.ceilDiv(heads, HEADS);
        compute.workers().run((offsets.length - 1) * groups, task -> {
            int first = offsets[task / groups];
            int length = offsets[task / groups + 1] - first;
            Scratch scratch = Scratch.of(length, d);
            int from = task % groups * HEADS;
            for (int head = from; head < Math.min(heads, from + HEADS); head++) {
                work.run(first * hidden + head * d, length, scratch);
            }
        });
    }

    /**
     * o = attention(q, k, v).
     *
     * @param q (rows, heads·d), as are k, v and out
     * @param offsets the first row of each sequence, and the number of rows
     */
    public static void forward(Compute compute, Tensor q, Tensor k, Tensor v, int[] offsets, int heads, Tensor out) {
        int hidden = q.dim(-1);
        int d = hidden / heads;
        forEachHead(compute, hidden, offsets, heads, (at, length, scratch) -> {
            probabilities(compute.kernels(), q, k, at, length, d, scratch);
            compute.kernels().matmul(length, d, length, scratch.p, 0, scratch.stride, v.data(), v.offset() + at, hidden,
                    out.data(), out.offset() + at, hidden, false);
        });
    }

    /**
     * The gradients of {@link #forward}: with dP = do·vᵀ and dS = P∘(dP - rowsum(dP∘P))/√d, dv = Pᵀ·do, dq = dS·k,
     * dk = dSᵀ·q. All three are overwritten.
     */
    public static void backward(Compute compute, Tensor q, Tensor k, Tensor v, int[] offsets, int heads, Tensor dout,
            Tensor dq, Tensor dk, Tensor dv) {
        int hidden = q.dim(-1);
        int d = hidden / heads;
        forEachHead(compute, hidden, offsets, heads, (at, length, scratch) -> {
            Kernels kernels = compute.kernels();
            probabilities(kernels, q, k, at, length, d, scratch);
            turn(scratch.p, 0, scratch.stride, length, length, scratch.turned, scratch.stride);
            kernels.matmul(length, d, length, scratch.turned, 0, scratch.stride, dout.data(), dout.offset() + at,
                    hidden, dv.data(), dv.offset() + at, hidden, false);
            scoreGradient(kernels, v, dout, at, length, d, scratch);
            kernels.matmul(length, d, length, scratch.dp, 0, scratch.stride, k.data(), k.offset() + at, hidden,
                    dq.data(), dq.offset() + at, hidden, false);
            turn(scratch.dp, 0, scratch.stride, length, length, scratch.turned, scratch.stride);
            kernels.matmul(length, d, length, scratch.turned, 0, scratch.stride, q.data(), q.offset() + at, hidden,
                    dk.data(), dk.offset() + at, hidden, false);
        });
    }

    /**
     * scratch.p = softmax(q·kᵀ/√d), one row for each query. Behind its end a row has scores of -∞, probabilities of 0,
     * which change no sum: so rows are whole vectors.
     */
    private static void probabilities(Kernels kernels, Tensor q, Tensor k, int at, int length, int d, Scratch scratch) {
        int hidden = q.dim(-1);
        turnHead(k, at, length, d, scratch);
        centre(length, d, scratch);
        kernels.matmul(length, scratch.stride, d, q.data(), q.offset() + at, hidden, scratch.head, 0, scratch.stride,
                scratch.p, 0, scratch.stride, false);
        float scale = (float) (1 / Math.sqrt(d));
        for (int i = 0; i < length; i++) {
            int row = i * scratch.stride;
            Arrays.fill(scratch.p, row + length, row + scratch.stride, Float.NEGATIVE_INFINITY);
            float shift = kernels.max(scratch.stride, scratch.p, row) * scale;
            float inverse = 1 / kernels.exp(scratch.stride, scratch.p, row, scale, shift, scratch.p, row);
            for (int j = row; j < row + length; j++) {
                scratch.p[j] *= inverse;
            }
        }
    }

    /**
     * Takes the mean of the keys from each of them, which shifts a query's scores alike and leaves softmax as it is, but
     * for rounding: e5-small-v2 has scores q·k near 4,000 that are almost equal.
     */
    private static void centre(int length, int d, Scratch scratch) {
        for (int i = 0; i < d; i++) {
            int row = i * scratch.stride;
            float sum = 0;
            for (int j = row; j < row + length; j++) {
                sum += scratch.head[j];
            }
            float mean = sum / length;
            for (int j = row; j < row + length; j++) {
                scratch.head[j] -= mean;
            }
        }
    }

    /** scratch.dp = P∘(dP - rowsum(dP∘P))/√d with dP = do·vᵀ. */
    private static void scoreGradient(Kernels kernels, Tensor v, Tensor dout, int at, int length, int d,
            Scratch scratch) {
        int hidden = v.dim(-1);
        turnHead(v, at, length, d, scratch);
        kernels.matmul(length, scratch.stride, d, dout.data(), dout.offset() + at, hidden, scratch.head, 0,
                scratch.stride, scratch.dp, 0, scratch.stride, false);
        float scale = (float) (1 / Math.sqrt(d));
        for (int i = 0; i < length; i++) {
            int row = i * scratch.stride;
            float mean = kernels.dot(scratch.stride, scratch.dp, row, scratch.p, row);
            for (int j = row; j < row + length; j++) {
                scratch.dp[j] = scratch.p[j] * (scratch.dp[j] - mean) * scale;
            }
        }
    }

    /** scratch.head (d, stride) = the head's (length, d) transposed; columns past length are zero. */
    private static void turnHead(Tensor x, int at, int length, int d, Scratch scratch) {
        turn(x.data(), x.offset() + at, x.dim(-1), length, d, scratch.head, scratch.stride);
        for (int i = 0; i < d; i++) {
            Arrays.fill(scratch.head, i * scratch.stride + length, (i + 1) * scratch.stride, 0f);
        }
    }

    /** target (d, stride) = the transpose of the (length, d) that begin at {@code at}, rows {@code hidden} apart. */
    private static void turn(float[] source, int at, int hidden, int length, int d, float[] target, int stride) {
        for (int j = 0; j < length; j++) {
            for (int i = 0; i < d; i++) {
                target[i * stride + j] = source[at + j * hidden + i];
            }
        }
    }

    /** Buffers of one thread, grown to the longest sequence it met. Rows are a multiple of 16 long. */
    private static final class Scratch {
        private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

        int stride;
        float[] p = {};
        float[] dp = {};
        float[] turned = {};
        float[] head = {};

        static Scratch of(int length, int d) {
            Scratch scratch = OWN.get();
            scratch.stride = Math.ceilDiv(length, 16) * 16;
            int square = length * scratch.stride;
            if (scratch.p.length < square) {
                scratch.p = new float[square];
                scratch.dp = new float[square];
                scratch.turned = new float[square];
            }
            if (scratch.head.length < d * scratch.stride) {
                scratch.head = new float[d * scratch.stride];
            }
            return scratch;
        }
    }
}
