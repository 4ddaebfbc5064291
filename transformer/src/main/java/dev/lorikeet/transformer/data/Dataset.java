package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.Shown;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labelled inputs in a fixed order.
 *
 * @param <X> an input, for example a text
 * @param name what people call it: a file's name, or where it is from
 * @param examples the examples, in order
 * @param labels the names of the labels, distinct; {@link Example#label()} is an index into them
 */
public record Dataset<X>(String name, List<Example<X>> examples, List<String> labels)
        implements
            Examples<X, Integer> {

    /** @throws IllegalArgumentException if two labels have one name, or an example's label is no index into them */
    public Dataset {
        examples = List.copyOf(examples);
        labels = List.copyOf(labels);
        if (new HashSet<>(labels).size() != labels.size()) {
            throw new IllegalArgumentException("dataset " + name + ": a label occurs twice in " + Shown.names(labels));
        }
        for (Example<X> example : examples) {
            if (example.label() < 0 || example.label() >= labels.size()) {
                throw new IllegalArgumentException("dataset " + name + ": label " + example.label()
                        + " is no index into " + labels.size() + " labels");
            }
        }
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public X input(int i) {
        return examples.get(i).input();
    }

    @Override
    public Integer target(int i) {
        return examples.get(i).label();
    }

    /** The first {@code count} examples, or all where there are fewer. */
    public Dataset<X> first(int count) {
        return new Dataset<>(name, examples.subList(0, Math.min(count, size())), labels);
    }

    /**
     * At most {@code limit} examples in their order, of each class its share; a class has none only where there are
     * more classes than the limit.
     *
     * @param limit at least 1
     * @param seed of the sample: the same one draws the same examples
     */
    public Dataset<X> sample(int limit, long seed) {
        int[] classes = examples.stream().mapToInt(Example::label).toArray();
        IntStream drawn = ClassSample.of(classes, labels, limit, seed).stream();
        return new Dataset<>(name, drawn.mapToObj(examples::get).toList(), labels);
    }
}
