package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A table of vectors, (entries, hidden), looked up by index. */
public final class Embedding extends Module {
    private final Weight weight;
    private final int paddingIndex;
    private @Nullable EmbeddingAdapter adapter;

    /** @param paddingIndex the entry that never gets a gradient, or {@link SequenceOps#NO_PADDING} */
    public Embedding(Tensor weight, int paddingIndex) {
        this(new Weight(weight, Linear.Layout.OUT_IN), paddingIndex);
    }

    /**
     * A table that may be in any form.
     *
     * @param paddingIndex the entry that never gets a gradient, or {@link SequenceOps#NO_PADDING}
     */
    public Embedding(Weight weight, int paddingIndex) {
        this.weight = parameter("weight", weight);
        this.paddingIndex = paddingIndex;
    }

    /** The table (entries, hidden). */
    public Weight weight() {
        return weight;
    }

    public int entries() {
        return weight.shape().dim(0);
    }

    /** The entry that never gets a gradient, or {@link SequenceOps#NO_PADDING}. */
    public int paddingIndex() {
        return paddingIndex;
    }

    /** The adapter in this table's seam, or null. */
    public @Nullable EmbeddingAdapter adapter() {
        return adapter;
    }

    /** Puts an adapter with its parameters into the seam, or takes it out with null. */
    public void adapter(@Nullable EmbeddingAdapter next) {
        replaceParameters(adapter == null ? Map.of() : adapter.parameters(),
                next == null ? Map.of() : next.parameters());
        adapter = next;
    }

    /**
     * The rows at {@code index}, through the adapter if there is one.
     *
     * @param index (rows) an entry for each row of the pass
     * @return (rows, hidden)
     * @throws IllegalArgumentException if there are more or fewer, or one is no entry
     */
    public Variable forward(Pass pass, int[] index) {
        pass.requireRows("embedding", index.length);
        EmbeddingAdapter current = adapter;
        return current == null ? base(pass.tape(), index) : current.forward(pass, index, this);
    }

    /** (index.length, hidden), the table's own rows. */
    public Variable base(Tape tape, int[] index) {
        FrozenMatrix packed = weight.packed();
        return packed == null ? SequenceOps.embedding(tape, weight, index, paddingIndex)
                : SequenceOps.embedding(tape, packed, index);
    }
}
