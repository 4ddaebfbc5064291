package dev.lorikeet.tensor;

import org.jspecify.annotations.Nullable;

/**
 * What {@link Attention} adds to scores by how far query i stands behind key j: the score is scale·(q·k + byQuery[i, b]
 * + byKey[j, b]) with b the bucket of i - j, in each head. That is T5's bias (Raffel et al. 2020), the same numbers for
 * every query, and the two terms of DeBERTa's disentangled attention (He et al. 2021).
 *
 * @param byQuery (queries, heads·buckets), or null
 * @param byKey (keys, heads·buckets), or null: heads are those of the queries
 * @param buckets of the distances -n … n; those that are larger have the bucket of n
 */
public record RelativeScores(@Nullable Tensor byQuery, @Nullable Tensor byKey, int[] buckets) {
    /** @throws IllegalArgumentException if the number of buckets is even: there would be no distance 0 in the middle */
    public RelativeScores {
        if (buckets.length % 2 == 0) {
            throw new IllegalArgumentException("relative scores: " + buckets.length + " distances, not -n … n");
        }
    }

    /** Refuses what does not fit the queries and keys. */
    void check(Attention attention, Attention.Inputs in) {
        check(byQuery, "queries", in.q().dim(0), attention.heads());
        check(byKey, "keys", in.k().dim(0), attention.heads());
    }

    private void check(@Nullable Tensor terms, String what, int rows, int heads) {
        if (terms == null) {
            return;
        }
        int count = terms.dim(-1) / heads;
        boolean fits = terms.shape().rank() == 2 && terms.dim(0) == rows && terms.dim(1) == heads * count;
        for (int bucket : buckets) {
            fits = fits && bucket >= 0 && bucket < count;
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "relative scores: " + terms.shape() + " for " + rows + " " + what + " in "
                            + heads + " heads, or a bucket that is not there");
        }
    }

    /** Zeros, to add gradients to. */
    void clear() {
        if (byQuery != null) {
            byQuery.fill(0f);
        }
        if (byKey != null) {
            byKey.fill(0f);
        }
    }
}
