package dev.lorikeet.transformer.metrics.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts of runs of words or characters. */
final class Ngrams {
    private Ngrams() {}

    /** How often each run of {@code n} is there. */
    static <T> Map<List<T>, Integer> of(List<T> words, int n) {
        Map<List<T>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= words.size(); i++) {
            counts.merge(words.subList(i, i + n), 1, Integer::sum);
        }
        return counts;
    }

    /** How many runs two texts have in common, each as often as in the one that has it less often. */
    static <T> int common(Map<List<T>, Integer> one, Map<List<T>, Integer> other) {
        return one.entrySet().stream().mapToInt(run -> Math.min(run.getValue(), other.getOrDefault(run.getKey(), 0)))
                .sum();
    }

    /** How many there are of {@code words} words. */
    static int number(int words, int n) {
        return Math.max(0, words - n + 1);
    }
}
