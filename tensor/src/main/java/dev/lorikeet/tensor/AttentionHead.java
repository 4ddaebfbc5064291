package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.AttentionKernels;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.ScalarKernels;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One head of one sequence of {@link Attention}: its blocks, one after the other, in the room of the thread at work.
 */
final class AttentionHead {
    static final int QUERIES = AttentionKernels.QUERIES;
    static final int KEYS = 64;
    private static final Tensor NONE = Tensor.zeros(0);

    /**
     * The score of a key out of the window. Not -∞, since whole blocks may have no other one: what they add is
     * multiplied by an exact 0 when the first key comes that is seen. A power of two, so that its product with the
     * scale is exact.
     */
    private static final float OUTSIDE = -0x1p100f;

    /** What the backward pass reads, and the gradients that it writes. */
    record Gradients(Tensor out, Tensor statistics, Tensor dout, Tensor dq, Tensor dk, Tensor dv,
            @Nullable RelativeScores drelative) {}

    private static final ThreadLocal<AttentionHead> OWN = ThreadLocal.withInitial(AttentionHead::new);

    private Kernels kernels = new ScalarKernels();
    private Tensor q = NONE;
    private Tensor k = NONE;
    private Tensor v = NONE;
    private int head;
    private int shared;
    private int d;
    private int queries;
    private int keys;
    private boolean causal;
    private int window;
    private float scale;
    private final ScoreHook hook = new ScoreHook();
    private boolean hooked;
    /** Whether rows are heads of one query. */
    private boolean one;
    /** The first row of the sequence in q, the first element of the head there, and in k and v. */
    private int firstRow;
    private int qo;
    private int ldq;
    private int ko;
    private int ldk;
    private Room room = new Room(64);

    private AttentionHead() {}

    /** The one object of the thread at work, set to a head of a sequence: a step has thousands of them. */
    static AttentionHead of(Kernels kernels, Attention attention, Attention.Inputs in, int sequence, int head) {
        AttentionHead own = OWN.get();
        own.set(kernels, attention, in, sequence, head);
        return own;
    }

    private void set(Kernels kernels, Attention attention, Attention.Inputs in, int sequence, int head) {
        this.kernels = kernels;
        this.head = head;
        q = in.q();
        k = in.k();
        v = in.v();
        shared = attention.heads() / attention.kvHeads();
        ldq = q.dim(-1);
        ldk = k.dim(-1);
        d = ldq / attention.heads();
        queries = in.queries(sequence);
        keys = in.keys(sequence);
        causal = attention.causal();
        scale = attention.scale() > 0 ? attention.scale() : (float) (1 / Math.sqrt(d));
        window = attention.window();
        hooked = attention.cap() > 0 || in.relative() != null;
        firstRow = in.queryOffsets()[sequence];
        qo = firstRow * ldq + head * d;
        ko = in.keyOffsets()[sequence] * ldk + head / shared * d;
        if (room.mean.length < d) {
            room = new Room(d);
        }
        if (hooked) {
            hook.set(kernels, attention, scale, in, sequence, head);
        }
        if (keys > 0) { // here, since C2 compiles forward and backward each with all it calls, and has a limit for that
            centre(attention.cap());
        }
    }

    /** Lets go of the tensors. */
    void end() {
        q = NONE;
        k = NONE;
        v = NONE;
        if (hooked) {
            hook.end();
        }
    }

    /**
     * The output of a block of queries. After each block of keys, out is Σ exp(score - shift)·v over the keys so far,
     * with shift the largest score, and room.total the sum of the factors.
     */
    void forward(int first, int end, Tensor out, @Nullable Tensor statistics) {
        int rows = end - first;
        int at = qo + first * ldq;
        turn(q, at, rows, room.q);
        Arrays.fill(room.shift, Float.NEGATIVE_INFINITY);
        int seen = one ? keys : seen(end);
        int begin = begin(first);
        for (int key = begin; key < seen; key += KEYS) {
            int count = Math.min(KEYS, seen - key);
            scores(first, rows, key, count);
            System.arraycopy(room.shift, 0, room.before, 0, rows);
            kernels.softmax(count, rows, room.s, scale, room.shift, room.sum);
            addSum(rows, key == begin, out.data(), out.offset() + at);
            kernels.weightedSums(count, rows, d, room.s, v.data(), v.offset() + ko + key * ldk, ldk,
                    out.data(), out.offset() + at, ldq, key > begin);
        }
        for (int i = 0; i < rows; i++) {
            room.inverse[i] = 1 / room.total[i];
        }
        kernels.multiplyRows(rows, d, room.inverse, out.data(), out.offset() + at, ldq);
        if (statistics != null) {
            int to = statistic(statistics, first);
            System.arraycopy(room.shift, 0, statistics.data(), to, rows);
            System.arraycopy(room.inverse, 0, statistics.data(), to + statistics.dim(1), rows);
        }
    }

    /**
     * The output of the one query of this head and of those behind it that share its keys: each a row, as if they were
     * queries of one head, with the bits that they have apart.
     */
    void forwardShared(Tensor out) {
        ldq = d;
        one = true;
        forward(0, shared, out, null);
        one = false;
    }

    /** Adds a block's sums to the totals, which go over to its shift, as does out. */
    private void addSum(int rows, boolean first, float[] out, int at) {
        if (first) {
            System.arraycopy(room.sum, 0, room.total, 0, rows);
            return;
        }
        float[] kept = room.before;
        for (int i = 0; i < rows; i++) {
            kept[i] -= room.shift[i];
        }
        kernels.exp(rows, kept, 0, 1f, 0f, kept, 0);
        for (int i = 0; i < rows; i++) {
            room.total[i] = room.total[i] * kept[i] + room.sum[i];
        }
        kernels.multiplyRows(rows, d, kept, out, at, ldq);
    }

    /**
     * What the queries and keys of two ranges, whole blocks of each, give to dq, and to dk and dv. The order in which
     * an element's sum goes through the blocks (dq by keys; dk and dv by heads, then queries) is the same for all
     * ranges.
     */
    void backward(int firstQuery, int endQuery, int firstKey, int endKey, boolean dq, boolean dkv,
            Gradients gradients) {
        int unseen = queries == 0 ? endKey : Math.min(begin(0), endKey);
        for (int key = firstKey; key < unseen && dkv && head % shared == 0; key++) {
            clear(gradients.dk, ko + key * ldk);
            clear(gradients.dv, ko + key * ldk);
        }
        for (int from = firstQuery; from < endQuery; from += QUERIES) {
            int rows = Math.min(QUERIES, endQuery - from);
            int seen = Math.min(seen(from + rows), endKey);
            int begin = begin(from);
            if (Math.max(firstKey, begin) < seen) {
                startBackward(from, rows, gradients);
            }
            for (int key = Math.max(firstKey, begin); key < seen; key += KEYS) {
                int count = Math.min(KEYS, endKey - key);
                scores(from, rows, key, count);
                kernels.matmul(count, columns(rows), d, v.data(), v.offset() + ko + key * ldk, ldk,
                        room.dout, 0, QUERIES, room.dp, 0, QUERIES, false);
                kernels.softmaxBackward(count, rows, room.s, scale, room.shift, room.inverse, room.dp,
                        room.delta);
                if (hooked) {
                    hook.backward(from, rows, key, count, room.dp, gradients.drelative, dq, dkv);
                }
                if (dq) {
                    kernels.weightedSums(count, rows, d, room.dp, room.keys, 0, d, gradients.dq.data(),
                            gradients.dq.offset() + qo + from * ldq, ldq, key > begin);
                }
                if (dkv) {
                    addProduct(from, rows, key, count, room.s, gradients.dout, gradients.dv);
                    addProduct(from, rows, key, count, room.dp, q, gradients.dk);
                }
            }
        }
    }

    /** What the blocks of keys have in common: queries and gradients turned, and rowsum(do∘o). */
    private void startBackward(int first, int rows, Gradients gradients) {
        int at = qo + first * ldq;
        turn(q, at, rows, room.q);
        turn(gradients.dout, at, rows, room.dout);
        for (int i = 0; i < rows; i++) {
            room.delta[i] = kernels.dot(d, gradients.dout.data(), gradients.dout.offset() + at + i * ldq,
                    gradients.out.data(), gradients.out.offset() + at + i * ldq);
        }
        Tensor statistics = gradients.statistics;
        int from = statistic(statistics, first);
        System.arraycopy(statistics.data(), from, room.shift, 0, rows);
        System.arraycopy(statistics.data(), from + statistics.dim(1), room.inverse, 0, rows);
    }

    /** The rows of dkv for a block of keys += a (keys, queries) · the rows of x for a block of queries. */
    private void addProduct(int first, int rows, int key, int count, float[] a, Tensor x, Tensor dkv) {
        kernels.matmul(count, d, rows, a, 0, QUERIES, x.data(), x.offset() + qo + first * ldq, ldq,
                dkv.data(), dkv.offset() + ko + key * ldk, ldk, !isFirst(first, key));
    }

    /** Whether these queries are the first that see these keys. */
    private boolean isFirst(int block, int key) {
        int first = causal ? Math.max(0, key - (keys - queries)) : 0;
        return head % shared == 0 && block == first / QUERIES * QUERIES;
    }

    /**
     * room.s = q·kᵀ, turned, without the mean of the keys; -∞ where a query must not see a key. The rows of a last few
     * keys are computed by fours, with keys of an earlier block.
     */
    private void scores(int first, int rows, int key, int count) {
        kernels.subtract(count, d, k.data(), k.offset() + ko + key * ldk, ldk, room.mean, room.keys);
        kernels.matmul(Math.ceilDiv(count, 4) * 4, columns(rows), d, room.keys, 0, d, room.q, 0, QUERIES, room.s, 0,
                QUERIES, false);
        if (hooked) {
            hook.forward(first, rows, key, count, room.s);
        }
        if (one) {
            int outside = Math.clamp((long) keys - window - key, 0, window == 0 ? 0 : count);
            for (int j = 0; j < outside; j++) {
                Arrays.fill(room.s, j * QUERIES, j * QUERIES + rows, OUTSIDE);
            }
        } else if (causal) {
            for (int j = 0; j < count; j++) {
                int hidden = key + j - (keys - queries) - first; // the queries before this one do not see the key
                Arrays.fill(room.s, j * QUERIES, j * QUERIES + Math.clamp(hidden, 0, rows),
                        Float.NEGATIVE_INFINITY);
                if (window > 0) {
                    Arrays.fill(room.s, j * QUERIES + Math.clamp((long) hidden + window, 0, rows), j * QUERIES + rows,
                            OUTSIDE);
                }
            }
        }
    }

    /** The first key of the first block of which a query from {@code first} on sees any. */
    private int begin(int first) {
        return window == 0 ? 0 : Math.max(0, first + keys - queries - window + 1) / KEYS * KEYS;
    }

    /** The number of keys that a query before {@code end} sees. */
    private int seen(int end) {
        return causal ? end + keys - queries : keys;
    }

    /** The queries of a block, and columns to a multiple of 8: edges of fewer are slow. */
    private static int columns(int rows) {
        return Math.ceilDiv(rows, 8) * 8;
    }

    private int statistic(Tensor statistics, int query) {
        return statistics.offset() + 2 * head * statistics.dim(1) + firstRow + query;
    }

    /**
     * What is taken from each key, which shifts a query's scores alike and leaves softmax as it is, but for rounding:
     * e5-small-v2 has scores q·k near 4,000 that are almost equal. It is the keys' mean; where a query must not know of
     * later keys, the first of them, which all see. With a window there is no such key, and a cap does not let scores
     * be shifted.
     */
    private void centre(float cap) {
        if (cap > 0 || window > 0) {
            Arrays.fill(room.mean, 0, d, 0f);
        } else if (causal) {
            System.arraycopy(k.data(), k.offset() + ko, room.mean, 0, d);
        } else {
            kernels.means(keys, d, k.data(), k.offset() + ko, ldk, room.mean);
        }
    }

    /** target (d, rows) = the transpose of the (rows, d) at {@code at}. */
    private void turn(Tensor x, int at, int rows, float[] target) {
        kernels.transpose(rows, d, x.data(), x.offset() + at, ldq, target, 0, QUERIES);
    }

    private void clear(Tensor x, int at) {
        Arrays.fill(x.data(), x.offset() + at, x.offset() + at + d, 0f);
    }

    /** The room of one thread: it grows with d, not with the length of a sequence. */
    private static final class Room {
        final float[] s = new float[KEYS * QUERIES];
        final float[] dp = new float[KEYS * QUERIES];
        /** A number for each query. */
        final float[] shift = new float[QUERIES];
        final float[] before = new float[QUERIES];
        final float[] sum = new float[QUERIES];
        final float[] total = new float[QUERIES];
        final float[] inverse = new float[QUERIES];
        final float[] delta = new float[QUERIES];
        final float[] mean;
        /** (keys, d), without the mean. */
        final float[] keys;
        /** (d, queries), as is dout. */
        final float[] q;
        final float[] dout;

        private Room(int d) {
            mean = new float[d];
            keys = new float[KEYS * d];
            q = new float[d * QUERIES];
            dout = new float[d * QUERIES];
        }
    }
}
