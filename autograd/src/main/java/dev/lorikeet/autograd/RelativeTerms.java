package dev.lorikeet.autograd;

import dev.lorikeet.tensor.RelativeScores;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@link RelativeScores} as variables.
 *
 * @param byQuery (queries, heads·buckets), or null
 * @param byKey (keys, heads·buckets), or null
 * @param buckets of the distances -n … n of a query from a key
 */
public record RelativeTerms(@Nullable Variable byQuery, @Nullable Variable byKey, int[] buckets) {
    /** Those of some queries alone. */
    public RelativeTerms rows(Tape tape, int from, int to) {
        return new RelativeTerms(byQuery == null ? null : ShapeOps.slice(tape, byQuery, 0, from, to), byKey, buckets);
    }

    RelativeScores scores() {
        return new RelativeScores(byQuery == null ? null : byQuery.value(), byKey == null ? null : byKey.value(),
                buckets);
    }

    /** Room for the gradients that are needed. */
    RelativeScores gradients(Tape tape) {
        return new RelativeScores(like(tape, byQuery), like(tape, byKey), buckets);
    }

    private static @Nullable Tensor like(Tape tape, @Nullable Variable terms) {
        return terms == null || !tape.needs(terms) ? null : tape.allocate(terms.shape());
    }

    void giveGradients(Tape tape, RelativeScores gradients) {
        if (byQuery != null && gradients.byQuery() != null) {
            tape.giveGradient(byQuery, gradients.byQuery());
        }
        if (byKey != null && gradients.byKey() != null) {
            tape.giveGradient(byKey, gradients.byKey());
        }
    }
}
