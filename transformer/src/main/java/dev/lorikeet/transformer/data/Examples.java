package dev.lorikeet.transformer.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What a model learns from: inputs with their targets, in a fixed order.
 *
 * @param <X> an input, for example a text
 * @param <Y> a target, for example the number of a class
 */
public interface Examples<X, Y> {
    /** What people call it: a file's name, or where it is from. */
    String name();

    /** How many examples there are. */
    int size();

    /** What the model reads of example {@code i}. */
    X input(int i);

    /** What it is to say. */
    Y target(int i);

    /**
     * These with other targets.
     *
     * @param how says what is done to them, for whoever keeps what is made of them
     */
    default <Z> Examples<X, Z> targets(String how, Function<? super Y, ? extends Z> function) {
        List<X> inputs = new ArrayList<>(size());
        List<Z> targets = new ArrayList<>(size());
        forEach((input, target) -> {
            inputs.add(input);
            targets.add(function.apply(target));
        });
        return new Samples<>(name(), inputs, targets);
    }

    /** Goes through all of them in their order: the way to do so with examples that are not kept. */
    default void forEach(BiConsumer<? super X, ? super Y> action) {
        for (int i = 0; i < size(); i++) {
            action.accept(input(i), target(i));
        }
    }
}
