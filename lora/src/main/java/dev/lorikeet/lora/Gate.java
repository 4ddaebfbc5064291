package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;

/** g in W + s·B·diag(g)·A: how much of each of the r components counts. */
public interface Gate {
    /** g (r, 1). */
    Variable value(Tape tape);

    /** What g is computed from. */
    Parameter parameter();
}
