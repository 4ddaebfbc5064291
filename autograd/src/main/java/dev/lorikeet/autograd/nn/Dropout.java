package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;

/**
 * Inverted dropout (Srivastava et al. 2014): while training, each element is zero with a probability, and the others
 * are divided by the probability to stay. No mask is stored: the backward pass draws the same numbers again.
 */
public final class Dropout extends Module {
    private final float probability;

    /**
     * @param probability that an element is dropped, in [0, 1)
     * @throws IllegalArgumentException if it is not
     */
    public Dropout(float probability) {
        if (!(probability >= 0 && probability < 1)) { // NaN too
            throw new IllegalArgumentException("dropout: probability " + probability + " is not in [0, 1)");
        }
        this.probability = probability;
    }

    /** x with elements dropped on a tape for training, x itself on others and for probability 0. */
    public Variable forward(Tape tape, Variable x) {
        return probability > 0 && tape.isTraining() ? ElementOps.dropout(tape, x, probability, tape.nextKey()) : x;
    }
}
