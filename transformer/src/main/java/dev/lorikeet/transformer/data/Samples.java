package dev.lorikeet.transformer.data;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Inputs with their targets, in a fixed order.
 *
 * @param name what people call it: a file's name, or where it is from
 * @param targets as many as inputs
 */
public record Samples<X, Y>(String name, List<X> inputs, List<Y> targets) implements Examples<X, Y> {
    /** @throws IllegalArgumentException if there are more of one than of the other */
    public Samples {
        inputs = List.copyOf(inputs);
        targets = List.copyOf(targets);
        if (inputs.size() != targets.size()) {
            throw new IllegalArgumentException("samples " + name + ": " + inputs.size() + " inputs and "
                    + targets.size() + " targets");
        }
    }

    /** Some examples of others, by their numbers. */
    public static <X, Y> Samples<X, Y> of(Examples<X, Y> all, IntStream which) {
        int[] numbers = which.toArray();
        return new Samples<>(all.name(), IntStream.of(numbers).mapToObj(all::input).toList(),
                IntStream.of(numbers).mapToObj(all::target).toList());
    }

    @Override
    public int size() {
        return inputs.size();
    }

    @Override
    public X input(int i) {
        return inputs.get(i);
    }

    @Override
    public Y target(int i) {
        return targets.get(i);
    }
}
