package dev.lorikeet.bench.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Breaks files without chance: cut off at 200 places, and each of their numbers another one, one at a time. */
final class Breaks {
    static final int CUTS = 200;
    /** Nothing, less than nothing, the most of each width, and any. */
    static final List<Long> NUMBERS = List.of(0L, -1L, (long) Integer.MAX_VALUE, Long.MAX_VALUE, 0x2545F4914F6CDD1DL);

    private Breaks() {}

    /** The same in each place of {@link #CUTS} cut off, or in each that there is. */
    static Stream<byte[]> cuts(byte[] whole) {
        int cuts = Math.min(CUTS, whole.length);
        return IntStream.range(0, cuts).mapToObj(i -> Arrays.copyOf(whole, (int) ((long) whole.length * i / cuts)));
    }

    static Stream<byte[]> cuts(String whole) {
        return cuts(whole.getBytes(StandardCharsets.UTF_8));
    }

    /** Objects that are cut off, and whose fields, one at a time, have other values. */
    static Stream<byte[]> json(List<JsonTree> trees) {
        return trees.stream().flatMap(tree -> Stream.concat(cuts(WeightReaders.utf8(tree)),
                tree.broken().map(WeightReaders::utf8)));
    }

    /** With other numbers at a place of so many bytes. */
    static Stream<byte[]> numbers(byte[] whole, int at, int width) {
        return NUMBERS.stream().map(number -> {
            byte[] broken = whole.clone();
            byte[] bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
            System.arraycopy(bytes, 0, broken, at, Math.min(width, broken.length - at));
            return broken;
        });
    }

    /** With other numbers of four and of eight bytes at every place up to {@code end}. */
    static Stream<byte[]> everywhere(byte[] whole, int end) {
        return IntStream.range(0, end).boxed().flatMap(at -> Stream.of(Integer.BYTES, Long.BYTES)
                .flatMap(width -> numbers(whole, at, width)));
    }
}
