package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/** A table of vectors, (entries, hidden), looked up by index. */
public final class Embedding extends Module {
    private final Parameter weight;
    private final int paddingIndex;

    /** @param paddingIndex the entry that never gets a gradient, or {@link SequenceOps#NO_PADDING} */
    public Embedding(Tensor weight, int paddingIndex) {
        this.weight = parameter("weight", new Parameter(weight));
        this.paddingIndex = paddingIndex;
    }

    /** The table (entries, hidden). */
    public Parameter weight() {
        return weight;
    }

    public int entries() {
        return weight.value().dim(0);
    }

    /** (index.length, hidden). */
    public Variable forward(Tape tape, int[] index) {
        return SequenceOps.embedding(tape, weight, index, paddingIndex);
    }
}
