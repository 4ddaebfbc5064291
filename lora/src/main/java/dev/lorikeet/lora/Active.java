package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;

/** What stands in the seams of a model for one pass. Never changes, so that any number of threads may use it. */
sealed interface Active permits Adapters, AdaptersByRow {
    /** (rows, in) to (rows, out) of one layer. */
    Variable forward(Tape tape, Variable x, Linear base);

    /** (index.length, hidden) of one table. */
    Variable forward(Tape tape, int[] index, Embedding base);
}
