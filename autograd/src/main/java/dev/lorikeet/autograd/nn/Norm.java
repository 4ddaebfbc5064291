package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;

/** A normalisation of each row, whichever the architecture has. */
public abstract class Norm extends Module {
    /** (rows, n) to (rows, n). */
    public abstract Variable forward(Tape tape, Variable x);
}
