package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is learned: from inputs X with targets Y, to be answered as predictions P. A description without state, open to
 * others: {@link Tasks} has those of this library.
 *
 * @param <X> an input, for example a text
 * @param <Y> a target, for example the number of a class
 * @param <P> a prediction
 */
public interface Task<X, Y, P> {
    /** The task's name in files, for example {@code sequence-classification}. */
    String kind();

    /** What files must say beside {@link #kind}, for {@link Tasks} to make the task again. */
    Map<String, Object> settings();

    /**
     * An input as token ids, and its target if there is one.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the model cannot read it
     */
    Encoded encode(X input, @Nullable Y target, Model model);

    /** The most tokens of a text that are read; what is more is cut off, and counted. */
    default int most(Model model) {
        return model.backbone().maxTokens();
    }

    /**
     * What is learned from, made of encoded examples in the order of the data: as a rule each by itself.
     *
     * @param encoded some of the data: a few thousand neighbours, or all
     */
    default List<Encoded> arranged(List<Encoded> encoded, Model model) {
        return encoded;
    }

    /**
     * An example as it is this time, where its targets are drawn anew whenever it is seen; {@link #count} is the same.
     *
     * @param key of the random numbers: the same one draws the same
     */
    default Encoded drawn(Encoded example, Model model, long key) {
        return example;
    }

    /**
     * The head for {@code model}: that of its files where it fits, else a new one drawn from {@code seed}.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the model cannot have one
     */
    Head head(Model model, long seed);

    /** Whether it is for an encoder with a decoder, as T5 and BART are; other tasks are for other models. */
    default boolean isForEncoderDecoder() {
        return false;
    }

    /** How many targets of an example the loss counts. */
    int count(Encoded example);

    /**
     * The rows of what the head's last layer reads that loss and predictions need, so that no others get logits.
     *
     * @return their numbers, rising; null for all
     */
    default int @Nullable [] rows(List<Encoded> examples) {
        return null;
    }

    /**
     * The sum of the losses of all counted targets, divided by {@code over}: where that is how many a whole update has,
     * the losses of its micro-batches add up to the mean.
     *
     * @param logits of the examples' {@link #rows}, as the head gives them
     * @return a scalar
     */
    Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over);

    /**
     * An answer for each example.
     *
     * @param logits of the examples' {@link #rows} by {@code model}
     */
    List<P> predictions(Model model, Tensor logits, List<Encoded> examples);

    /** A new count of right and wrong. */
    Meter meter();

    /**
     * Refuses examples that are for another task.
     *
     * @throws IllegalArgumentException if they are
     */
    default void requireFits(Examples<X, Y> data) {}
}
