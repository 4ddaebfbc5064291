package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.List;

/**
 * How well each of several things is told, such as the labels of which an example has any number.
 *
 * @param each in the order of the names
 */
public record NamedScores(List<String> names, List<Score> each) implements Details {
    public NamedScores {
        names = List.copyOf(names);
        each = List.copyOf(each);
        if (names.size() != each.size()) {
            throw new IllegalArgumentException("scores: " + each.size() + " of " + names.size() + " names");
        }
    }
}
