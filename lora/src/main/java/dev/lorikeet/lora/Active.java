package dev.lorikeet.lora;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;

/** What stands in the seams of a model for one pass. Never changes, so that any number of threads may use it. */
sealed interface Active permits Adapters, AdaptersByRow {
    /** (rows, in) to (rows, out) of one layer. */
    Variable forward(Pass pass, Variable x, Linear base);

    /** (rows, hidden) of one table. */
    Variable forward(Pass pass, int[] index, Embedding base);
}
