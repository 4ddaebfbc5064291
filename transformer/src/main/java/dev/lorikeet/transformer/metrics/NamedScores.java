package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.List;
import java.util.Map;

/**
 * How well each of several things is told, such as the labels of which an example has any number, or
 * the types of entities.
 *
 * @param each in the order of the names
 */
public record NamedScores(List<String> names, List<Score> each) {
    public NamedScores {
        names = List.copyOf(names);
        each = List.copyOf(each);
        if (names.size() != each.size()) {
            throw new IllegalArgumentException("scores: " + each.size() + " of " + names.size() + " names");
        }
    }

    /** Of scores by their names, in the order of the map. */
    static NamedScores of(Map<String, Score> scores) {
        return new NamedScores(List.copyOf(scores.keySet()), List.copyOf(scores.values()));
    }
}
