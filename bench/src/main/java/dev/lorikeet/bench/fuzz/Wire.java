package dev.lorikeet.bench.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A message in Protocol Buffers' wire format, whose parts can be changed while the lengths around them stay right. */
final class Wire {
    private static final long[] NUMBERS = {0, 1, 2, 7, 14, 127, 128, -1, Integer.MAX_VALUE, 1L << 31, 1L << 62,
        Long.MIN_VALUE};

    /** A field: a number, bytes, or a message within. */
    private record Field(int number, Object value) {}

    private final List<Field> fields = new ArrayList<>();

    Wire number(int field, long value) {
        fields.add(new Field(field, value));
        return this;
    }

    Wire bytes(int field, byte[] value) {
        fields.add(new Field(field, value));
        return this;
    }

    Wire text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Wire message(int field, Wire value) {
        fields.add(new Field(field, value));
        return this;
    }

    private Wire copy() {
        Wire copy = new Wire();
        fields.forEach(field -> copy.fields.add(new Field(field.number,
                field.value instanceof Wire below ? below.copy() : field.value)));
        return copy;
    }

    private List<Wire> all() {
        List<Wire> all = new ArrayList<>(List.of(this));
        fields.forEach(field -> {
            if (field.value instanceof Wire below) {
                all.addAll(below.all());
            }
        });
        return all;
    }

    /** This with one to three fields changed, at any depth. */
    Wire changed(SplittableRandom random) {
        Wire changed = copy();
        for (int i = random.nextInt(3); i >= 0; i--) {
            List<Field> place = Mutants.one(changed.all(), random).fields;
            if (!place.isEmpty()) {
                change(place, random.nextInt(place.size()), random);
            }
        }
        return changed;
    }

    /** This with one field another number, or of another length, at every place. */
    Stream<byte[]> broken() {
        return IntStream.range(0, all().size()).boxed().flatMap(at -> IntStream.range(0, all().get(at).fields.size())
                .boxed().flatMap(place -> Breaks.NUMBERS.stream().map(number -> {
                    Wire broken = copy();
                    List<Field> fields = broken.all().get(at).fields;
                    fields.set(place, new Field(fields.get(place).number, number));
                    return broken.toBytes();
                })));
    }

    private static void change(List<Field> place, int at, SplittableRandom random) {
        Field old = place.get(at);
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        switch (random.nextInt(6)) {
            case 0 -> place.set(at, new Field(old.number, number));
            case 1 -> place.set(at, new Field(random.nextInt(16), old.value));
            case 2 -> place.add(random.nextInt(place.size() + 1), old);
            case 3 -> place.remove(at);
            case 4 -> place.set(at, new Field(old.number, old.value instanceof byte[] bytes
                    ? Mutants.bytes(bytes, random)
                    : new byte[random.nextInt(9)]));
            default -> place.set(at, Mutants.one(place, random));
        }
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Field field : fields) {
            long tag = (long) field.number << 3;
            switch (field.value) {
                case Long number -> {
                    varint(tag, out);
                    varint(number, out);
                }
                case Wire below -> delimited(tag, below.toBytes(), out);
                case byte[] bytes -> delimited(tag, bytes, out);
                default -> throw new AssertionError(field);
            }
        }
        return out.toByteArray();
    }

    private static void delimited(long tag, byte[] bytes, ByteArrayOutputStream out) {
        varint(tag | 2, out);
        varint(bytes.length, out);
        out.writeBytes(bytes);
    }

    private static void varint(long value, ByteArrayOutputStream out) {
        for (; (value & ~0x7FL) != 0; value >>>= 7) {
            out.write((int) (value & 0x7F | 0x80));
        }
        out.write((int) value);
    }
}
