package dev.lorikeet.transformer.data;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The labels of rows that come one after the other, as numbers. */
final class Labels {
    /** By first appearance. */
    private final Object2IntOpenHashMap<String> numbers = new Object2IntOpenHashMap<>();
    private final IntArrayList rows = new IntArrayList();

    Labels() {
        numbers.defaultReturnValue(-1);
    }

    /** Takes a row's label; says whether it is the first of its kind. */
    boolean add(String label) {
        int known = numbers.getInt(label);
        int number = known < 0 ? numbers.size() : known;
        if (known < 0) {
            numbers.put(label, number);
        }
        rows.add(number);
        return known < 0;
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
            indexOf[numbers.getInt(sorted.get(i))] = i;
        }
        return rows.intStream().map(number -> indexOf[number]).toArray();
    }

    /** The index of each of these labels. */
    static Object2IntOpenHashMap<String> indexed(List<String> labels) {
        Object2IntOpenHashMap<String> indices = new Object2IntOpenHashMap<>();
        indices.defaultReturnValue(-1);
        IntStream.range(0, labels.size()).forEach(i -> indices.put(labels.get(i), i));
        return indices;
    }
}
