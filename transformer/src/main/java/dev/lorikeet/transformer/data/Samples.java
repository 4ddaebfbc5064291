package dev.lorikeet.transformer.data;

import java.util.ArrayList;
import java.util.BitSet;
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

    /** Some examples of others, by their numbers, in their order. */
    public static <X, Y> Samples<X, Y> of(Examples<X, Y> all, IntStream which) {
        BitSet wanted = which.collect(BitSet::new, BitSet::set, BitSet::or);
        List<X> inputs = new ArrayList<>(wanted.cardinality());
        List<Y> targets = new ArrayList<>(wanted.cardinality());
        int[] next = new int[1];
        all.forEach((input, target) -> {
            if (wanted.get(next[0]++)) {
                inputs.add(input);
                targets.add(target);
            }
        });
        return new Samples<>(all.name(), inputs, targets);
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
