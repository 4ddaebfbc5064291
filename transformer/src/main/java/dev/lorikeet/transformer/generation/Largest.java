package dev.lorikeet.transformer.generation;

import java.util.Arrays;

/** The largest of many numbers, in order; of equal ones those that came first. Belongs to one thread. */
final class Largest {
    private final float[] values;
    private final long[] keys;
    private int count;

    /** @param size how many are kept */
    Largest(int size) {
        values = new float[size];
        keys = new long[size];
    }

    /** The smallest of the {@code k} largest. */
    static float of(int k, float[] numbers) {
        Largest largest = new Largest(k);
        for (int i = 0; i < numbers.length; i++) {
            largest.add(numbers[i], i);
        }
        return largest.value(k - 1);
    }

    void add(float value, long key) {
        if (count == values.length && value <= values[count - 1]) {
            return;
        }
        int at = place(value);
        int moved = Math.min(count, values.length - 1) - at;
        System.arraycopy(values, at, values, at + 1, moved);
        System.arraycopy(keys, at, keys, at + 1, moved);
        values[at] = value;
        keys[at] = key;
        count = Math.min(count + 1, values.length);
    }

    /** Behind all that are as large. */
    private int place(float value) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (values[middle] >= value) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    int count() {
        return count;
    }

    /** That of rank {@code i}, from 0 on. */
    float value(int i) {
        return values[i];
    }

    long key(int i) {
        return keys[i];
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(values, count));
    }
}
