package dev.lorikeet.transformer.primitive;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Whole numbers in a row that grows. Lists of the same numbers are equal. */
public final class IntList {
    private int[] numbers = {};
    private int size;

    /** These numbers, copied. */
    public static IntList of(int... numbers) {
        IntList list = new IntList();
        list.numbers = numbers.clone();
        list.size = numbers.length;
        return list;
    }

    /** Appends a number. */
    public void add(int number) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size + (size >> 1) + 4);
        }
        numbers[size++] = number;
    }

    /** @throws IndexOutOfBoundsException if there is no such place */
    public int get(int place) {
        return numbers[Objects.checkIndex(place, size)];
    }

    /** @throws IndexOutOfBoundsException if there is no such place */
    public void set(int place, int number) {
        numbers[Objects.checkIndex(place, size)] = number;
    }

    /** @throws IndexOutOfBoundsException if it is empty */
    public int last() {
        return get(size - 1);
    }

    /** How many numbers there are. */
    public int size() {
        return size;
    }

    /** Leaves out the first {@code count} numbers, at most all of them. */
    public void removeFirst(int count) {
        System.arraycopy(numbers, count, numbers, 0, size - count);
        size -= count;
    }

    /** These numbers and one more. */
    public IntList with(int number) {
        IntList list = new IntList();
        list.numbers = Arrays.copyOf(numbers, size + 1);
        list.numbers[size] = number;
        list.size = size + 1;
        return list;
    }

    /** Gives each number, in their order. */
    public void forEach(IntConsumer each) {
        for (int i = 0; i < size; i++) {
            each.accept(numbers[i]);
        }
    }

    /** The numbers in their order. */
    public IntStream stream() {
        return Arrays.stream(numbers, 0, size);
    }

    /** A copy. */
    public int[] toArray() {
        return Arrays.copyOf(numbers, size);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IntList list && Arrays.equals(numbers, 0, size, list.numbers, 0, list.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < size; i++) {
            hash = 31 * hash + numbers[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
