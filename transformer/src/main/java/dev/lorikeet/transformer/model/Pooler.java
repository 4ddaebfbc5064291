package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;

/** What to do with the pooler of an architecture that may have one. */
public enum Pooler {
    REQUIRED, WHERE_PRESENT, NONE;

    /** Whether a model of these files has one, whose linear layer is at {@code path}. */
    boolean isWanted(TensorReader files, String path) {
        return this == REQUIRED || this == WHERE_PRESENT && files.contains(path + ".weight");
    }

    /** tanh of a linear map of each sequence's first token. */
    static Variable pooled(Pass pass, Linear pooler, Variable hidden) {
        Variable first = SequenceOps.first(pass.tape(), hidden, pass.rows().offsets());
        return ElementOps.tanh(pass.tape(), pooler.forward(pass.pooled(), first));
    }
}
