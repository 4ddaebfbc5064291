package dev.lorikeet.transformer.data;

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
}
