package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.RelativeScores;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operations over the rows of packed sequences: sequence s is rows offsets[s] … offsets[s + 1] - 1. */
public final class SequenceOps {
    /** For {@link #embedding}: every row of the table gets a gradient. */
    public static final int NO_PADDING = -1;

    private SequenceOps() {}

    /**
     * Row index[i] of the table for each i.
     *
     * @param table (entries, hidden)
     * @param paddingIndex the entry that gets no gradient, or {@link #NO_PADDING}
     * @return (index.length, hidden)
     */
    public static Variable embedding(Tape tape, Variable table, int[] index, int paddingIndex) {
        return ShapeOps.gather(tape, "embedding", table, index, paddingIndex);
    }

    /**
     * Row index[i] of a frozen table for each i, from where it lies packed.
     *
     * @return (index.length, in), a constant
     */
    public static Variable embedding(Tape tape, FrozenMatrix table, int[] index) {
        ShapeOps.requireRows("embedding", index, table.out());
        Tensor y = tape.allocate(index.length, table.in());
        table.rows(index, y);
        return tape.record("embedding", y, Operation.NONE);
    }

    /**
     * Column index[i] of the table for each i: {@link #embedding} from a table that lies the other way round.
     *
     * @param table (hidden, entries)
     * @param paddingIndex the column that gets no gradient, or {@link #NO_PADDING}
     * @return (index.length, hidden)
     */
    public static Variable embeddingColumns(Tape tape, Variable table, int[] index, int paddingIndex) {
        ShapeOps.requireMatrix("embeddingColumns", table);
        int hidden = table.value().dim(0);
        int entries = table.value().dim(1);
        ShapeOps.requireRows("embeddingColumns", index, entries);
        Tensor y = tape.allocate(index.length, hidden);
        float[] from = table.value().data();
        for (int i = 0; i < index.length; i++) {
            for (int h = 0; h < hidden; h++) {
                y.data()[y.offset() + i * hidden + h] = from[table.value().offset() + h * entries + index[i]];
            }
        }
        return tape.record("embeddingColumns", y, (t, dy) -> {
            Target dtable = t.gradientOf(table);
            if (!dtable.accumulate()) {
                dtable.tensor().fill(0f);
            }
            float[] to = dtable.tensor().data();
            for (int i = 0; i < index.length; i++) {
                for (int h = 0; h < hidden && index[i] != paddingIndex; h++) {
                    to[dtable.tensor().offset() + h * entries + index[i]] += dy.data()[dy.offset() + i * hidden + h];
                }
            }
        }, table);
    }

    /**
     * {@link Attention} of the queries of each sequence to its keys, as many in self-attention, and others across.
     *
     * @param q (queries, heads·d)
     * @param k (keys, kvHeads·d), as is v
     * @param queryOffsets of the sequences in q
     * @param keyOffsets of the same sequences in k and v
     * @return (queries, heads·d)
     */
    public static Variable attention(Tape tape, Attention attention, Variable q, Variable k, Variable v,
            int[] queryOffsets, int[] keyOffsets) {
        return attention(tape, attention, q, k, v, queryOffsets, keyOffsets, null);
    }

    /**
     * As above, with terms that scores get by distance: {@link RelativeScores}.
     *
     * @param relative the terms, or null
     */
    public static Variable attention(Tape tape, Attention attention, Variable q, Variable k, Variable v,
            int[] queryOffsets, int[] keyOffsets, @Nullable RelativeTerms relative) {
        Attention.Inputs in = new Attention.Inputs(q.value(), k.value(), v.value(), queryOffsets, keyOffsets,
                relative == null ? null : relative.scores());
        Tensor out = tape.allocate(q.value().shape());
        Variable byQuery = relative == null ? null : relative.byQuery();
        Variable byKey = relative == null ? null : relative.byKey();
        Tensor statistics = tape.records(q, k, v, byQuery, byKey)
                ? tape.allocate(attention.statisticsShape(q.value()))
                : null;
        attention.forward(tape.compute(), in, out, statistics);
        return tape.record("attention", out, (t, dout) -> {
            Tensor dq = t.allocate(q.value().shape());
            Tensor dk = t.allocate(k.value().shape());
            Tensor dv = t.allocate(v.value().shape());
            RelativeScores drelative = relative == null ? null : relative.gradients(t);
            attention.backward(t.compute(), in, out, Objects.requireNonNull(statistics), dout, dq, dk, dv, drelative);
            t.giveGradient(q, dq);
            t.giveGradient(k, dk);
            t.giveGradient(v, dv);
            if (relative != null && drelative != null) {
                relative.giveGradients(t, drelative);
            }
        }, q, k, v, byQuery, byKey);
    }

    /**
     * Each pair of elements of each head turned by the angle of its row's position (Su et al. 2021, equation 34).
     *
     * @param x (rows, heads·d)
     * @param positions (rows)
     * @return (rows, heads·d)
     */
    public static Variable rotary(Tape tape, Rotary rotary, Variable x, int[] positions, int heads) {
        Tensor y = tape.allocate(x.value().shape());
        rotary.forward(tape.compute(), x.value(), positions, heads, y);
        return tape.record("rotary", y, (t, dy) -> {
            rotary.backward(t.compute(), dy, positions, heads, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /** The mean of the rows of each sequence: (rows, hidden) to (sequences, hidden). */
    public static Variable mean(Tape tape, Variable x, int[] offsets) {
        requireOffsets("mean", x, offsets);
        Tensor y = tape.allocate(offsets.length - 1, x.value().dim(1));
        WholeRows.mean(x.value(), offsets, y);
        return tape.record("mean", y, (t, dy) -> {
            Tensor dx = t.allocate(x.value().shape());
            WholeRows.meanBackward(dy, offsets, dx);
            t.giveGradient(x, dx);
        }, x);
    }

    /** The first row of each sequence, BERT's [CLS]: (rows, hidden) to (sequences, hidden). */
    public static Variable first(Tape tape, Variable x, int[] offsets) {
        requireOffsets("first", x, offsets);
        int[] index = Arrays.copyOf(offsets, offsets.length - 1);
        return ShapeOps.gather(tape, "first", x, index, NO_PADDING);
    }

    /** Sequences that lie one behind the other cover all rows. */
    private static void requireOffsets(String name, Variable x, int[] offsets) {
        boolean fits = x.value().shape().rank() == 2 && offsets.length > 0 && offsets[0] == 0
                && offsets[offsets.length - 1] == x.value().dim(0);
        for (int s = 0; fits && s + 1 < offsets.length; s++) {
            fits = offsets[s] < offsets[s + 1];
        }
        if (!fits) {
            throw new IllegalArgumentException(name + ": offsets " + Arrays.toString(offsets) + " for x "
                    + x.value().shape());
        }
    }
}
