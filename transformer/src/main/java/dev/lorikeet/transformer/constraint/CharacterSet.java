package dev.lorikeet.transformer.constraint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of characters.
 *
 * @param ranges each from its first to its last, in their order, apart from each other, without halves of pairs
 */
record CharacterSet(List<Range> ranges) {
    private static final int LAST = Character.MAX_CODE_POINT;
    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, LAST};

    /** From {@code first} to {@code last}. */
    record Range(int first, int last) {}

    static CharacterSet of(int character) {
        return of(character, character);
    }

    static CharacterSet of(int first, int last) {
        return union(List.of(new CharacterSet(List.of(new Range(first, last)))));
    }

    /** What is in one of them. */
    static CharacterSet union(List<CharacterSet> sets) {
        List<Range> sorted = sets.stream().flatMap(set -> set.ranges.stream())
                .sorted(Comparator.comparingInt(Range::first)).toList();
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            Range before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && range.first <= before.last + 1) {
                merged.set(merged.size() - 1, new Range(before.first, Math.max(before.last, range.last)));
            } else {
                merged.add(range);
            }
        }
        return new CharacterSet(merged).withoutHalves();
    }

    private CharacterSet withoutHalves() {
        List<Range> whole = new ArrayList<>();
        for (Range range : ranges) {
            add(whole, range.first, Math.min(range.last, Character.MIN_SURROGATE - 1));
            add(whole, Math.max(range.first, Character.MAX_SURROGATE + 1), range.last);
        }
        return new CharacterSet(whole);
    }

    private static void add(List<Range> ranges, int first, int last) {
        if (first <= last) {
            ranges.add(new Range(first, last));
        }
    }

    /** All other characters. */
    CharacterSet others() {
        List<Range> others = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            add(others, next, range.first - 1);
            next = range.last + 1;
        }
        add(others, next, LAST);
        return new CharacterSet(others).withoutHalves();
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** One of them, in UTF-8. */
    Node node() {
        List<Node> options = new ArrayList<>();
        for (Range range : ranges) {
            int from = range.first;
            for (int length = 1; length <= LAST_OF_LENGTH.length; length++) {
                int to = Math.min(range.last, LAST_OF_LENGTH[length - 1]);
                if (from <= to) {
                    addBytes(options, from, to, length);
                    from = to + 1;
                }
            }
        }
        return new Node.Choice(options);
    }

    /** Cuts a range where the bytes behind the first are not all that there are, until each byte has its own range. */
    private static void addBytes(List<Node> options, int first, int last, int length) {
        for (int i = 1; i < length; i++) {
            int rest = (1 << 6 * i) - 1;
            if ((first & ~rest) != (last & ~rest)) {
                if ((first & rest) != 0) {
                    addBytes(options, first, first | rest, length);
                    addBytes(options, (first | rest) + 1, last, length);
                    return;
                }
                if ((last & rest) != rest) {
                    addBytes(options, first, (last & ~rest) - 1, length);
                    addBytes(options, last & ~rest, last, length);
                    return;
                }
            }
        }
        List<Node> bytes = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            bytes.add(new Node.Byte(byteAt(first, i, length), byteAt(last, i, length)));
        }
        options.add(new Node.Sequence(bytes));
    }

    /** Of the {@code length} bytes that a character has, number {@code i}. */
    private static int byteAt(int character, int i, int length) {
        int bits = character >> 6 * (length - 1 - i);
        return length == 1 ? bits : i == 0 ? 0xF00 >> length & 0xFF | bits : 0x80 | bits & 0x3F;
    }
}
