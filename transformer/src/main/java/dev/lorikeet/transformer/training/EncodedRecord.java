package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Passage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Encoded} in bytes: a byte that says which parts there are, how many tokens, those parts, and the token ids,
 * each in as many bytes as the file's largest needs. Other numbers have 7 bits in a byte, the least first, and a sign
 * in the lowest bit where they may be negative.
 */
final class EncodedRecord {
    private static final int TYPES = 1;
    private static final int SEQUENCES = 2;
    private static final int CUT = 4;
    private static final int CLASSES = 8;
    private static final int NUMBERS = 16;
    private static final int WORDS = 32;
    private static final int PASSAGE = 64;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[256];
    private int length;

    /** The bytes of the record; those behind {@link #length} are of another. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /**
     * Takes an example in place of the one before.
     *
     * @param wide whether ids take four bytes, not two
     */
    void write(Encoded example, boolean wide) {
        length = 0;
        int[] types = example.typeIds();
        int[] words = example.places();
        put((types != null ? TYPES : 0) | (example.sequences() > 1 ? SEQUENCES : 0)
                | (example.truncated() > 0 ? CUT : 0)
                | (example.classes().length > 0 ? CLASSES : 0) | (example.numbers().length > 0 ? NUMBERS : 0)
                | (words != null ? WORDS : 0) | (example.passage() != null ? PASSAGE : 0));
        number(example.tokens());
        if (example.sequences() > 1) {
            number(example.sequences());
            for (int s = 1; s < example.sequences(); s++) {
                number(example.offsets()[s]);
            }
        }
        if (example.truncated() > 0) {
            number(example.truncated());
        }
        if (example.classes().length > 0) {
            signed(example.classes());
        }
        if (example.numbers().length > 0) {
            number(example.numbers().length);
            for (float value : example.numbers()) {
                fixed(Float.floatToRawIntBits(value), Float.BYTES);
            }
        }
        if (words != null) {
            signed(words);
        }
        if (types != null) {
            for (int type : types) {
                number(type);
            }
        }
        if (example.passage() instanceof Passage passage) {
            put(passage);
        }
        for (int id : example.ids()) {
            fixed(id, wide ? Integer.BYTES : Short.BYTES);
        }
    }

    private void put(Passage passage) {
        text(passage.text());
        signed(passage.starts());
        signed(passage.ends());
        number(passage.answers().size());
        passage.answers().forEach(this::text);
    }

    /** Its letters as they are, so that halves of pairs come back, too. */
    private void text(String text) {
        number(text.length());
        text.chars().forEach(this::number);
    }

    private void put(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
    }

    private void fixed(int value, int width) {
        for (int i = 0; i < width; i++) {
            put(value >>> 8 * i);
        }
    }

    private void number(int value) {
        int rest = value;
        for (; rest >>> 7 != 0; rest >>>= 7) {
            put(rest | 0x80);
        }
        put(rest);
    }

    private void signed(int[] values) {
        number(values.length);
        for (int value : values) {
            number(value << 1 ^ value >> 31);
        }
    }

    /** How many tokens the record at {@code at} has. */
    static int tokens(MemorySegment file, long at) {
        return new Reader(file, at + 1).number();
    }

    /** The record at {@code at}. */
    static Encoded read(MemorySegment file, long at, boolean wide) {
        int parts = file.get(ValueLayout.JAVA_BYTE, at);
        Reader in = new Reader(file, at + 1);
        int tokens = in.number();
        int[] offsets = in.offsets((parts & SEQUENCES) != 0, tokens);
        int truncated = (parts & CUT) != 0 ? in.number() : 0;
        int[] classes = (parts & CLASSES) != 0 ? in.signed() : new int[0];
        float[] numbers = (parts & NUMBERS) != 0 ? in.floats() : new float[0];
        int @Nullable [] words = (parts & WORDS) != 0 ? in.signed() : null;
        int @Nullable [] types = (parts & TYPES) != 0 ? in.numbers(tokens) : null;
        Passage passage = (parts & PASSAGE) != 0 ? in.passage() : null;
        return new Encoded(in.ids(tokens, wide), types, offsets, classes, numbers, truncated, words, passage);
    }

    private static final class Reader {
        private final MemorySegment file;
        private long at;

        Reader(MemorySegment file, long at) {
            this.file = file;
            this.at = at;
        }

        int number() {
            int value = 0;
            int shift = 0;
            byte next;
            do {
                next = file.get(ValueLayout.JAVA_BYTE, at++);
                value |= (next & 0x7f) << shift;
                shift += 7;
            } while (next < 0);
            return value;
        }

        int[] numbers(int count) {
            int[] values = new int[count];
            for (int i = 0; i < count; i++) {
                values[i] = number();
            }
            return values;
        }

        int[] offsets(boolean several, int tokens) {
            if (!several) {
                return new int[] {0, tokens};
            }
            int[] offsets = new int[number() + 1];
            for (int s = 1; s < offsets.length - 1; s++) {
                offsets[s] = number();
            }
            offsets[offsets.length - 1] = tokens;
            return offsets;
        }

        int[] signed() {
            int[] values = numbers(number());
            for (int i = 0; i < values.length; i++) {
                values[i] = values[i] >>> 1 ^ -(values[i] & 1);
            }
            return values;
        }

        Passage passage() {
            String text = text();
            int[] starts = signed();
            int[] ends = signed();
            List<String> answers = new ArrayList<>();
            for (int left = number(); left > 0; left--) {
                answers.add(text());
            }
            return new Passage(text, starts, ends, answers);
        }

        String text() {
            char[] letters = new char[number()];
            for (int i = 0; i < letters.length; i++) {
                letters[i] = (char) number();
            }
            return new String(letters);
        }

        float[] floats() {
            float[] values = new float[number()];
            for (int i = 0; i < values.length; i++, at += Float.BYTES) {
                values[i] = Float.intBitsToFloat(file.get(INT, at));
            }
            return values;
        }

        int[] ids(int count, boolean wide) {
            int[] ids = new int[count];
            for (int i = 0; i < count; i++) {
                ids[i] = wide ? file.get(INT, at + 4L * i) : Short.toUnsignedInt(file.get(SHORT, at + 2L * i));
            }
            return ids;
        }
    }
}
