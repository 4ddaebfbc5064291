package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.AttentionKernels;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a block of scores between q·kᵀ and softmax, for one head of one sequence: terms by distance are
 * added, then scores are capped. Blocks lie as in {@link AttentionKernels}. Its loops are plain Java, and give the same
 * bits everywhere; tanh is the kernels'.
 */
final class ScoreHook {
    private static final int LD = AttentionKernels.QUERIES;

    private Kernels kernels = new ScalarKernels();
    private float cap;
    private float scale;
    private @Nullable RelativeScores relative;
    private int heads;
    private int head;
    private int firstQuery;
    private int firstKey;
    /** How many keys stand before the first query. */
    private int before;
    /** tanh(scale·s/cap) of the newest block. */
    private float[] capped = {};

    void set(Kernels kernels, Attention attention, float scale, Attention.Inputs in, int sequence, int head) {
        this.kernels = kernels;
        cap = attention.cap();
        heads = attention.heads();
        this.scale = scale;
        this.head = head;
        relative = in.relative();
        firstQuery = in.queryOffsets()[sequence];
        firstKey = in.keyOffsets()[sequence];
        before = in.keys(sequence) - in.queries(sequence);
        if (cap > 0 && capped.length == 0) {
            capped = new float[AttentionHead.KEYS * LD];
        }
    }

    /** Lets go of the tensors. */
    void end() {
        relative = null;
    }

    /** s = cap/scale·tanh(scale·(s + byQuery + byKey)/cap), so that softmax finds the scale where it always is. */
    void forward(int query, int rows, int key, int count, float[] s) {
        if (relative != null) {
            addTerms(query, rows, key, count, s, relative);
        }
        if (cap > 0) {
            int size = count * LD;
            float inside = scale / cap;
            for (int i = 0; i < size; i++) {
                capped[i] = s[i] * inside;
            }
            kernels.tanh(size, capped, 0, capped, 0);
            float outside = cap / scale;
            for (int i = 0; i < size; i++) {
                s[i] = capped[i] * outside;
            }
        }
    }

    private void addTerms(int query, int rows, int key, int count, float[] s, RelativeScores terms) {
        Tensor byQuery = terms.byQuery();
        Tensor byKey = terms.byKey();
        for (int j = 0; j < count; j++) {
            for (int i = 0; i < rows; i++) {
                int bucket = bucket(terms, query + i, key + j);
                float sum = s[j * LD + i];
                sum += byQuery == null ? 0f : byQuery.data()[at(byQuery, firstQuery + query + i, bucket)];
                sum += byKey == null ? 0f : byKey.data()[at(byKey, firstKey + key + j, bucket)];
                s[j * LD + i] = sum;
            }
        }
    }

    /** By how far a query of the sequence stands behind a key. */
    private int bucket(RelativeScores terms, int query, int key) {
        int far = terms.buckets().length / 2;
        return terms.buckets()[Math.clamp(query + before - key, -far, far) + far];
    }

    private int at(Tensor table, int row, int bucket) {
        int columns = table.dim(1);
        return table.offset() + row * columns + head * (columns / heads) + bucket;
    }

    /**
     * ds = ds∘(1 - tanh²), the gradient of q·kᵀ from that of the newest block; terms get the same.
     *
     * @param gradients of the terms, to add to; or null
     * @param ofQueries whether to add to those by query
     * @param ofKeys whether to add to those by key
     */
    void backward(int query, int rows, int key, int count, float[] ds, @Nullable RelativeScores gradients,
            boolean ofQueries, boolean ofKeys) {
        for (int i = 0; i < count * LD && cap > 0; i++) {
            ds[i] *= 1 - capped[i] * capped[i];
        }
        if (gradients == null) {
            return;
        }
        Tensor byQuery = ofQueries ? gradients.byQuery() : null;
        Tensor byKey = ofKeys ? gradients.byKey() : null;
        for (int j = 0; j < count; j++) {
            for (int i = 0; i < rows; i++) {
                int bucket = bucket(gradients, query + i, key + j);
                if (byQuery != null) {
                    byQuery.data()[at(byQuery, firstQuery + query + i, bucket)] += ds[j * LD + i];
                }
                if (byKey != null) {
                    byKey.data()[at(byKey, firstKey + key + j, bucket)] += ds[j * LD + i];
                }
            }
        }
    }
}
