package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.io.Shown;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The names of a head's outputs: files have them as keys. */
final class ClassNames {
    private ClassNames() {}

    /**
     * A copy.
     *
     * @throws IllegalArgumentException if there are fewer than {@code least}, or one is blank or there twice
     */
    static List<String> of(List<String> names, int least) {
        if (names.size() < least) {
            throw new IllegalArgumentException("labels: " + names.size() + ", at least " + least + " are expected");
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isBlank() || !seen.add(name)) {
                throw new IllegalArgumentException("labels: " + Shown.value(name) + (name.isBlank() ? " is no name"
                        : " is there twice"));
            }
        }
        return List.copyOf(names);
    }
}
