package dev.lorikeet.bench.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the numbers are in the header of a GGUF file that is right: counts, lengths, types, values, dimensions. */
final class GgufFields {
    private static final int TEXT = 8;
    private static final int LIST = 9;
    /** The bytes of each type of values. */
    private static final int[] BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    /** Of a list so many: the others are alike. */
    private static final int OF_LIST = 2;

    private record Field(int at, int width) {}

    private final ByteBuffer bytes;
    private final List<Field> fields = new ArrayList<>();

    private GgufFields(byte[] file) {
        bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The file with each of them another, one at a time. */
    static Stream<byte[]> broken(byte[] file) {
        GgufFields fields = new GgufFields(file);
        fields.header();
        return fields.fields.stream().flatMap(field -> Breaks.numbers(file, field.at, field.width));
    }

    private void header() {
        number(Integer.BYTES);
        number(Integer.BYTES);
        long tensors = number(Long.BYTES);
        for (long keys = number(Long.BYTES); keys > 0; keys--) {
            text();
            value((int) number(Integer.BYTES), true);
        }
        for (; tensors > 0; tensors--) {
            text();
            for (long rank = number(Integer.BYTES); rank > 0; rank--) {
                number(Long.BYTES);
            }
            number(Integer.BYTES);
            number(Long.BYTES);
        }
    }

    private void value(int type, boolean kept) {
        int before = fields.size();
        switch (type) {
            case TEXT -> text();
            case LIST -> {
                int of = (int) number(Integer.BYTES);
                long count = number(Long.BYTES);
                for (long i = 0; i < count; i++) {
                    value(of, kept && i < OF_LIST);
                }
            }
            default -> number(BYTES[type]);
        }
        if (!kept) {
            fields.subList(before, fields.size()).clear();
        }
    }

    private void text() {
        int length = (int) number(Long.BYTES);
        bytes.position(bytes.position() + length);
    }

    private long number(int width) {
        int at = bytes.position();
        fields.add(new Field(at, width));
        bytes.position(at + width);
        return width == Long.BYTES ? bytes.getLong(at) : width == Integer.BYTES ? bytes.getInt(at) : 0;
    }
}
