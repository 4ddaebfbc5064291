package dev.lorikeet.transformer.primitive;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Numbers from 0 on, found by a long: a table with open addresses, at most half full, which is looked up without an
 * object.
 *
 * <p>Source: linear probing, Knuth, The Art of Computer Programming 3, 6.4, Algorithm L; Fibonacci hashing there.
 */
public final class LongIntMap {
    /** What {@link #get} gives for a key that is not there. */
    public static final int ABSENT = -1;

    private static final long FRACTION = 0x9E3779B97F4A7C15L; // 2⁶⁴ over the golden ratio

    private long[] keys;
    private int[] numbers; // ABSENT where a place is free
    private int shift;
    private int size;

    /** @param expected how many keys there will be, about */
    public LongIntMap(int expected) {
        int bits = Math.clamp(Long.SIZE - Long.numberOfLeadingZeros(2L * expected), 4, 29);
        keys = new long[1 << bits];
        numbers = free(1 << bits);
        shift = Long.SIZE - bits;
    }

    private static int[] free(int places) {
        int[] numbers = new int[places];
        Arrays.fill(numbers, ABSENT);
        return numbers;
    }

    /** The number of a key, or {@link #ABSENT}. */
    public int get(long key) {
        return numbers[place(key)];
    }

    /** Whether a key is there. */
    public boolean contains(long key) {
        return get(key) != ABSENT;
    }

    /**
     * Gives a key a number.
     *
     * @param number at least 0
     * @return the one before, or {@link #ABSENT}
     */
    public int put(long key, int number) {
        int place = place(key);
        int before = numbers[place];
        keys[place] = key;
        numbers[place] = number;
        if (before == ABSENT && ++size > keys.length / 2) {
            grow();
        }
        return before;
    }

    /** How many keys there are. */
    public int size() {
        return size;
    }

    /** The keys, in no order that means something. */
    public LongStream keys() {
        return IntStream.range(0, keys.length).filter(place -> numbers[place] != ABSENT)
                .mapToLong(place -> keys[place]);
    }

    /** Where a key is, or the free place where it would be. */
    private int place(long key) {
        int place = (int) (key * FRACTION >>> shift);
        while (numbers[place] != ABSENT && keys[place] != key) {
            place = place + 1 & keys.length - 1;
        }
        return place;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldNumbers = numbers;
        keys = new long[2 * oldKeys.length];
        numbers = free(keys.length);
        shift--;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldNumbers[i] != ABSENT) {
                int place = place(oldKeys[i]);
                keys[place] = oldKeys[i];
                numbers[place] = oldNumbers[i];
            }
        }
    }
}
