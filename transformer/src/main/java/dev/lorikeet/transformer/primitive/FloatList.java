package dev.lorikeet.transformer.primitive;

import java.util.Arrays;

/** Numbers in a row that grows. */
public final class FloatList {
    private float[] numbers = {};
    private int size;

    /** Appends a number. */
    public void add(float number) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size + (size >> 1) + 4);
        }
        numbers[size++] = number;
    }

    /** A copy. */
    public float[] toArray() {
        return Arrays.copyOf(numbers, size);
    }
}
