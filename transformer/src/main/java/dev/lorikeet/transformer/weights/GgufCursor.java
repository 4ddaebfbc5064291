package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads the header of a GGUF file from front to back; nothing is read, skipped or allocated that is not there. */
final class GgufCursor {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** What stands for bytes that are no UTF-8. */
    private static final char REPLACEMENT = '\ufffd';

    private final Path file;
    private final MemorySegment bytes;
    private long at;

    GgufCursor(Path file, MemorySegment bytes, long at) {
        this.file = file;
        this.bytes = bytes;
        this.at = at;
    }

    long position() {
        return at;
    }

    /** The error to throw for what was read last, or could not be. */
    InputException error(String place, String rule) {
        return new InputException(file, place, rule);
    }

    /**
     * Passes {@code count} things of {@code size} bytes.
     *
     * @return where they begin
     */
    long pass(long count, int size, String what) {
        long left = bytes.byteSize() - at;
        if (count < 0 || count > left / size) {
            throw error("byte " + at, what + " of " + Long.toUnsignedString(count) + (size == 1 ? "" : " times " + size)
                    + " bytes, the file has " + left + " more");
        }
        long begin = at;
        at += count * size;
        return begin;
    }

    int unsigned8(String what) {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, pass(1, 1, what)));
    }

    int signed8(String what) {
        return bytes.get(ValueLayout.JAVA_BYTE, pass(1, 1, what));
    }

    int unsigned16(String what) {
        return Short.toUnsignedInt(bytes.get(SHORT, pass(1, 2, what)));
    }

    int signed16(String what) {
        return bytes.get(SHORT, pass(1, 2, what));
    }

    int signed32(String what) {
        return bytes.get(INT, pass(1, 4, what));
    }

    long unsigned32(String what) {
        return Integer.toUnsignedLong(signed32(what));
    }

    long signed64(String what) {
        return bytes.get(LONG, pass(1, 8, what));
    }

    /** A number of things, which the rest of the file has to be long enough for. */
    long count(String what, int bytesOfEach) {
        long begin = at;
        long count = signed64(what);
        if (count < 0 || count > (bytes.byteSize() - at) / bytesOfEach) {
            throw error("byte " + begin, what + " " + Long.toUnsignedString(count) + ", and the file has "
                    + (bytes.byteSize() - at) + " more bytes");
        }
        return count;
    }

    /** Passes strings. */
    void passTexts(long count, String what) {
        for (long i = 0; i < count; i++) {
            pass(signed64(what), 1, what);
        }
    }

    /** A string of at most {@code most} bytes. */
    String text(String what, int most) {
        long length = signed64(what);
        long begin = pass(length, 1, what);
        if (length > most) {
            throw error("byte " + begin, what + " of " + length + " bytes, " + most + " are the most that is read");
        }
        byte[] utf8 = new byte[(int) length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, begin, utf8, 0, utf8.length);
        String text = new String(utf8, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0 && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), utf8)) {
            throw error("byte " + begin, what + " is no UTF-8");
        }
        return text;
    }
}
