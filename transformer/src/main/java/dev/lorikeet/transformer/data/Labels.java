package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** The labels of rows that come one after the other, as numbers. */
final class Labels {
    /** By first appearance. */
    private final Map<String, Integer> numbers = new HashMap<>();
    private final IntList rows = new IntList();

    /** Takes a row's label; says whether it is the first of its kind. */
    boolean add(String label) {
        Integer known = numbers.putIfAbsent(label, numbers.size());
        rows.add(known == null ? numbers.size() - 1 : known);
        return known == null;
    }

    /** How many different labels there are. */
    int size() {
        return numbers.size();
    }

    /** How many rows there are. */
    int rows() {
        return rows.size();
    }

    /** The different labels, sorted. */
    List<String> sorted() {
        List<String> labels = new ArrayList<>(numbers.keySet());
        labels.sort(null);
        return labels;
    }

    /** Of each row, the index of its label in {@link #sorted()}. */
    int[] indices() {
        List<String> sorted = sorted();
        int[] indexOf = new int[sorted.size()];
        for (int i = 0; i < indexOf.length; i++) {
            indexOf[Objects.requireNonNull(numbers.get(sorted.get(i)))] = i;
        }
        return rows.stream().map(number -> indexOf[number]).toArray();
    }

    /** The index of each of these labels. */
    static Map<String, Integer> indexed(List<String> labels) {
        Map<String, Integer> indices = new HashMap<>();
        IntStream.range(0, labels.size()).forEach(i -> indices.put(labels.get(i), i));
        return indices;
    }
}
