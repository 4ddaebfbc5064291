package dev.lorikeet.tensor;

import dev.lorikeet.tensor.AttentionHead.Gradients;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head softmax attention (Vaswani et al. 2017) over packed sequences: no row of padding exists. For each sequence
 * and head, with d the head's size: S = scale·q·kᵀ, P = softmax(S), o = P·v. Heads are read in place, as columns h·d …
 * of the rows.
 *
 * <p>Neither pass holds S as a whole. It comes in blocks of 64 queries and 64 keys, and softmax goes from block to
 * block with the largest score and the sum so far (Milakov and Gimelshein 2018; Rabe and Staats 2021; FlashAttention,
 * Dao et al. 2022); the backward pass computes P again, from what two numbers for each query and head tell. So memory
 * grows with the number of rows, not with its square; with up to 64 keys it is the plain softmax.
 *
 * <p>The bits of a row of the output depend on its query and the keys and values that it sees alone: not on other
 * sequences, and where {@code causal}, not on later rows either, so that decoding with a cache of keys gives the bits
 * of the whole sequence.
 *
 * @param heads the number of heads of q
 * @param kvHeads that of k and v, a divisor of {@code heads}: neighbouring heads of q share one (Ainslie et al. 2023)
 * @param causal whether a query sees no keys after its own; the last query belongs to the last key, so that there may
 *     be more keys than queries
 * @param scale the factor of the scores; 0 for 1/√d
 * @param window how many keys up to its own a causal query sees (Beltagy et al. 2020); 0 for all. Blocks of keys out of
 *     the window are not computed
 * @param cap scores become cap·tanh(score/cap) (Bello et al. 2016), as in Gemma 2; 0 for none
 */
public record Attention(int heads, int kvHeads, boolean causal, float scale, int window, float cap) {
    /**
     * Heads in one task: those of one row lie side by side, and threads that share a cache line wait for each other.
     */
    private static final int HEADS = 4;
    /** With fewer tasks than this, long sequences are cut in the backward pass. */
    private static final int FEW = 8;

    /**
     * @throws IllegalArgumentException if kvHeads does not divide heads, scale or cap is negative or not finite, or
     *     there is a window that is not causal
     */
    public Attention {
        if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0) {
            throw new IllegalArgumentException("attention: " + kvHeads + " heads of keys do not divide " + heads
                    + " heads of queries");
        }
        if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("attention: a scale of " + scale);
        }
        if (!(cap >= 0 && cap < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("attention: a cap of " + cap);
        }
        if (window < 0 || window > 0 && !causal) {
            throw new IllegalArgumentException("attention: a window of " + window + (causal ? "" : ", not causal"));
        }
    }

    /** Without window and cap. */
    public Attention(int heads, int kvHeads, boolean causal, float scale) {
        this(heads, kvHeads, causal, scale, 0, 0f);
    }

    /** Every query sees every key of its sequence, as in encoders. */
    public static Attention bidirectional(int heads) {
        return new Attention(heads, heads, false, 0f);
    }

    /** A query sees the keys up to its own, as in decoders. */
    public static Attention causal(int heads, int kvHeads) {
        return new Attention(heads, kvHeads, true, 0f);
    }

    public Attention withScale(float scale) {
        return new Attention(heads, kvHeads, causal, scale, window, cap);
    }

    public Attention withWindow(int window) {
        return new Attention(heads, kvHeads, causal, scale, window, cap);
    }

    public Attention withCap(float cap) {
        return new Attention(heads, kvHeads, causal, scale, window, cap);
    }

    /**
     * What attention reads: queries {@code queryOffsets[s]} … {@code queryOffsets[s + 1] - 1} look at the keys and
     * values {@code keyOffsets[s]} … {@code keyOffsets[s + 1] - 1}.
     *
     * @param q (queries, heads·d)
     * @param k (keys, kvHeads·d), as is v
     * @param relative what is added to scores by distance, or null
     */
    public record Inputs(Tensor q, Tensor k, Tensor v, int[] queryOffsets, int[] keyOffsets,
            @Nullable RelativeScores relative) {
        /** With nothing added to scores. */
        public Inputs(Tensor q, Tensor k, Tensor v, int[] queryOffsets, int[] keyOffsets) {
            this(q, k, v, queryOffsets, keyOffsets, null);
        }

        /** Self-attention: as many keys as queries. */
        public static Inputs of(Tensor q, Tensor k, Tensor v, int[] offsets) {
            return new Inputs(q, k, v, offsets, offsets);
        }

        int sequences() {
            return queryOffsets.length - 1;
        }

        int queries(int sequence) {
            return queryOffsets[sequence + 1] - queryOffsets[sequence];
        }

        int keys(int sequence) {
            return keyOffsets[sequence + 1] - keyOffsets[sequence];
        }
    }

    /** The shape of what {@link #forward} leaves for {@link #backward}: two numbers for each head and query. */
    public Shape statisticsShape(Tensor q) {
        return Shape.of(2 * heads, q.dim(0));
    }

    /**
     * The tasks of one call, eight numbers each: the sequence, its first head and the one behind the last, the first
     * query and the one behind the last, the same for keys, and which gradients it gives. They lie in an array of the
     * thread that asks, since objects would be most of what a step allocates.
     */
    private static final class Parts {
        static final int DQ = 1;
        static final int DKV = 2;
        private static final ThreadLocal<Parts> OWN = ThreadLocal.withInitial(Parts::new);
        private static final int NUMBERS = 8;

        int count;
        private int[] numbers = {};

        static Parts none() {
            Parts parts = OWN.get();
            parts.count = 0;
            return parts;
        }

        void add(int sequence, int firstHead, int endHead, int firstQuery, int endQuery, int firstKey, int endKey,
                int gradients) {
            int at = NUMBERS * count++;
            if (numbers.length < at + NUMBERS) {
                numbers = Arrays.copyOf(numbers, 2 * at + NUMBERS);
            }
            numbers[at] = sequence;
            numbers[at + 1] = firstHead;
            numbers[at + 2] = endHead;
            numbers[at + 3] = firstQuery;
            numbers[at + 4] = endQuery;
            numbers[at + 5] = firstKey;
            numbers[at + 6] = endKey;
            numbers[at + 7] = gradients;
        }

        int get(int part, int number) {
            return numbers[NUMBERS * part + number];
        }
    }

    /**
     * out = attention(q, k, v).
     *
     * @param out (queries, heads·d), overwritten
     * @param statistics (2·heads, queries), overwritten: what {@link #backward} needs; null for inference
     * @throws IllegalArgumentException if shapes or offsets do not fit
     */
    public void forward(Compute compute, Inputs in, Tensor out, @Nullable Tensor statistics) {
        check(in);
        check("output", out, in.q().shape());
        if (statistics != null) {
            check("statistics", statistics, statisticsShape(in.q()));
        }
        Parts parts = Parts.none();
        for (int s = 0; s < in.sequences(); s++) {
            int queries = in.queries(s);
            int together = folds(in, s, statistics) ? heads / kvHeads : HEADS;
            for (int block = lastBlock(queries, AttentionHead.QUERIES); block >= 0; block -= AttentionHead.QUERIES) {
                int end = Math.min(block + AttentionHead.QUERIES, queries); // causal: the long ones first
                for (int head = 0; head < heads && block < end; head += together) {
                    parts.add(s, head, Math.min(head + together, heads), block, end, 0, in.keys(s), 0);
                }
            }
        }
        compute.workers().run(parts.count, part -> {
            int sequence = parts.get(part, 0);
            int end = parts.get(part, 2);
            boolean folds = folds(in, sequence, statistics);
            for (int h = parts.get(part, 1); h < end; h = folds ? end : h + 1) {
                AttentionHead head = AttentionHead.of(compute.kernels(), this, in, sequence, h);
                if (folds) {
                    head.forwardShared(out);
                } else {
                    head.forward(parts.get(part, 3), parts.get(part, 4), out, statistics);
                }
                head.end();
            }
        });
    }

    /** Whether the heads of one query that share keys are computed as so many queries of one head. */
    private boolean folds(Inputs in, int sequence, @Nullable Tensor statistics) {
        int together = heads / kvHeads;
        return in.queries(sequence) == 1 && in.keys(sequence) > 0 && together > 1 && together <= AttentionHead.QUERIES
                && in.relative() == null && statistics == null;
    }

    /** Where the last block of so many begins. */
    private static int lastBlock(int count, int size) {
        return Math.max(0, count - 1) / size * size;
    }

    /**
     * The gradients of {@link #forward}: with dP = do·vᵀ and dS = P∘(dP - rowsum(do∘o))·scale, dv = Pᵀ·do, dq = dS·k,
     * dk = dSᵀ·q. All three are overwritten.
     *
     * @param out the output of {@code forward}
     * @param statistics from {@code forward}
     * @param dout (queries, heads·d)
     * @param dq (queries, heads·d)
     * @param dk (keys, kvHeads·d), as is dv
     * @throws IllegalArgumentException if shapes or offsets do not fit
     */
    public void backward(Compute compute, Inputs in, Tensor out, Tensor statistics, Tensor dout, Tensor dq, Tensor dk,
            Tensor dv) {
        backward(compute, in, out, statistics, dout, dq, dk, dv, null);
    }

    /**
     * As above.
     *
     * @param drelative the gradients of {@code in.relative()}, overwritten: either may be null where nobody wants it;
     *     or null
     */
    public void backward(Compute compute, Inputs in, Tensor out, Tensor statistics, Tensor dout, Tensor dq, Tensor dk,
            Tensor dv, @Nullable RelativeScores drelative) {
        check(in);
        check("output", out, in.q().shape());
        check("gradient of the output", dout, in.q().shape());
        check("gradient of q", dq, in.q().shape());
        check("gradient of k", dk, in.k().shape());
        check("gradient of v", dv, in.v().shape());
        check("statistics", statistics, statisticsShape(in.q()));
        if (drelative != null) {
            drelative.check(this, in);
            drelative.clear();
        }
        Gradients gradients = new Gradients(out, statistics, dout, dq, dk, dv, drelative);
        Parts parts = backwardParts(in);
        compute.workers().run(parts.count, part -> {
            int wanted = parts.get(part, 7);
            for (int h = parts.get(part, 1); h < parts.get(part, 2); h++) {
                AttentionHead head = AttentionHead.of(compute.kernels(), this, in, parts.get(part, 0), h);
                head.backward(parts.get(part, 3), parts.get(part, 4), parts.get(part, 5), parts.get(part, 6),
                        (wanted & Parts.DQ) != 0, (wanted & Parts.DKV) != 0, gradients);
                head.end();
            }
        });
    }

    /**
     * One task has all queries and keys of a head of k, and with it all heads of q that share this: nobody else adds to
     * its gradients. Where that makes few tasks, some have a block of keys and give dk and dv, others a block of
     * queries and give dq: two of the five products are computed twice then, with the same bits.
     */
    private Parts backwardParts(Inputs in) {
        Parts parts = Parts.none();
        int shared = heads / kvHeads;
        boolean few = in.sequences() * kvHeads < FEW;
        for (int s = 0; s < in.sequences(); s++) {
            int queries = in.queries(s);
            int keys = in.keys(s);
            boolean small = queries <= AttentionHead.QUERIES && keys <= AttentionHead.KEYS;
            int together = small ? Math.ceilDiv(HEADS, shared) * shared : shared;
            for (int head = 0; head < heads; head += together) {
                int end = Math.min(head + together, heads);
                if (small || !few) {
                    parts.add(s, head, end, 0, queries, 0, keys, Parts.DQ | Parts.DKV);
                } else {
                    addBlocks(parts, s, head, end, queries, keys);
                }
            }
        }
        return parts;
    }

    private static void addBlocks(Parts parts, int sequence, int firstHead, int endHead, int queries, int keys) {
        for (int key = 0; key < keys; key += AttentionHead.KEYS) {
            parts.add(sequence, firstHead, endHead, 0, queries, key, Math.min(key + AttentionHead.KEYS, keys),
                    Parts.DKV);
        }
        for (int block = lastBlock(queries, AttentionHead.QUERIES); block >= 0; block -= AttentionHead.QUERIES) {
            int end = Math.min(block + AttentionHead.QUERIES, queries);
            parts.add(sequence, firstHead, endHead, block, end, 0, keys, Parts.DQ);
        }
    }

    private void check(Inputs in) {
        int d = in.q().dim(-1) / heads;
        if (in.q().dim(-1) != d * heads || d == 0 || in.k().dim(-1) != d * kvHeads) {
            throw refused("columns are not heads of one size", in);
        }
        if (!in.k().shape().equals(in.v().shape())) {
            throw refused("k and v differ in shape", in);
        }
        if (in.queryOffsets().length != in.keyOffsets().length) {
            throw refused(in.queryOffsets().length + " offsets of queries, " + in.keyOffsets().length + " of keys", in);
        }
        checkOffsets(in.queryOffsets(), in.q(), in);
        checkOffsets(in.keyOffsets(), in.k(), in);
        for (int s = 0; s < in.sequences(); s++) {
            if (in.queries(s) > 0 && (in.keys(s) == 0 || causal && in.keys(s) < in.queries(s))) {
                throw refused("sequence " + s + " has " + in.queries(s) + " queries and " + in.keys(s) + " keys", in);
            }
        }
        if (in.relative() != null) {
            in.relative().check(this, in);
        }
    }

    private void checkOffsets(int[] offsets, Tensor x, Inputs in) {
        boolean ascend = offsets.length > 0 && offsets[0] == 0 && offsets[offsets.length - 1] == x.shape().rows();
        for (int s = 0; s + 1 < offsets.length && ascend; s++) {
            ascend = offsets[s] <= offsets[s + 1];
        }
        if (!ascend) {
            throw refused("offsets do not ascend from 0 to the number of rows of " + x.shape(), in);
        }
    }

    private IllegalArgumentException refused(String rule, Inputs in) {
        return new IllegalArgumentException("attention: " + rule + ": q " + in.q().shape() + ", k " + in.k().shape()
                + ", v " + in.v().shape() + ", " + heads + " heads, " + kvHeads + " of keys");
    }

    private static void check(String name, Tensor x, Shape expected) {
        if (!x.shape().equals(expected)) {
            throw new IllegalArgumentException("attention: " + name + ": " + x.shape() + " where " + expected
                    + " is expected");
        }
    }
}
