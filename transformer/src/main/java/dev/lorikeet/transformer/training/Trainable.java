package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import java.util.List;

/** A model with numbered examples, as {@link Gradients} see it: parameters, and losses of some of the examples. */
public interface Trainable {
    /** How many examples there are. */
    int size();

    /** How many tokens an example has. */
    int tokens(int example);

    /** How many targets of an example the loss counts. */
    int count(int example);

    /** How much the targets of an example weigh together in the loss: as much as they are, where they weigh alike. */
    default double weight(int example) {
        return count(example);
    }

    /**
     * The class of an example.
     *
     * @throws IllegalArgumentException if it has not one
     */
    default int classOf(int example) {
        throw new IllegalArgumentException("training: example " + example + " has no class");
    }

    /** What is trained, in the order in which gradients are summed and sent. */
    List<Parameter> parameters();

    /**
     * The losses of all counted targets of {@code examples} by their weights, their sum divided by {@code over}.
     *
     * @return a scalar
     */
    Variable loss(Tape tape, int[] examples, double over);
}
