package dev.lorikeet.transformer.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Walks through the fields of one message in Protocol Buffers' wire format; a nested message is a field's
 * {@link #bytes()}, read by a reader of its own.
 *
 * <p>Source: the encoding's description at protobuf.dev. Every length is checked against the message before it is used;
 * groups, deprecated since version 2, are refused.
 */
public final class ProtobufReader {
    public static final int VARINT = 0;
    public static final int FIXED64 = 1;
    public static final int BYTES = 2;
    public static final int FIXED32 = 5;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_VARINT_BYTES = 10;
    private static final int MAX_TEXT = 1 << 16;

    private final Path file;
    private final String what;
    private final MemorySegment message;
    private long position;
    private int field;
    private int wireType;
    private long number;
    private MemorySegment bytes = MemorySegment.NULL;

    /** @param what the message's name, for the error messages */
    public ProtobufReader(Path file, String what, MemorySegment message) {
        this.file = file;
        this.what = what;
        this.message = message;
    }

    /** Goes on to the next field; false after the last one. */
    public boolean next() {
        if (position == message.byteSize()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (tag >>> 32 != 0 || field == 0) {
            throw error("is not a field's number: " + (tag >>> 3));
        }
        switch (wireType) {
            case VARINT -> number = varint();
            case FIXED64 -> bytes = take(8);
            case BYTES -> bytes = take(varint());
            case FIXED32 -> bytes = take(4);
            default -> throw error("wire type " + wireType + " is not known");
        }
        return true;
    }

    /** The field's number. */
    public int field() {
        return field;
    }

    /** The content of a field of text, messages or packed numbers. */
    public MemorySegment bytes() {
        require(BYTES);
        return bytes;
    }

    /** The content of a field of four bytes, as a float. */
    public float fixed32() {
        require(FIXED32);
        return bytes.get(FLOAT, 0);
    }

    /** The content of a varint field, as a signed 64-bit number. */
    public long number() {
        require(VARINT);
        return number;
    }

    /** Whether the field is a varint, where packed numbers are legal too. */
    public boolean isNumber() {
        return wireType == VARINT;
    }

    /** The content of a field of text. */
    public String text() {
        require(BYTES);
        if (bytes.byteSize() > MAX_TEXT) {
            throw error("a text of " + bytes.byteSize() + " bytes, " + MAX_TEXT + " is the most allowed");
        }
        try {
            byte[] utf8 = bytes.toArray(ValueLayout.JAVA_BYTE);
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw error("a text that is not UTF-8");
        }
    }

    /** One varint, without a tag: packed numbers are a message of nothing else. */
    public long varint() {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            byte next = take(1).get(ValueLayout.JAVA_BYTE, 0);
            value |= (next & 0x7FL) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw error("a number of more than " + MAX_VARINT_BYTES + " bytes");
    }

    /** Whether there is more of packed numbers. */
    public boolean hasMore() {
        return position < message.byteSize();
    }

    private MemorySegment take(long count) {
        long left = message.byteSize() - position;
        if (count < 0 || count > left) {
            throw error("needs " + Long.toUnsignedString(count) + " bytes, " + left + " are left");
        }
        position += count;
        return message.asSlice(position - count, count);
    }

    private void require(int expected) {
        if (wireType != expected) {
            throw error("field " + field + " has wire type " + wireType + ", " + expected + " is expected");
        }
    }

    /** The error to throw for what was read last. */
    public InputException error(String rule) {
        return new InputException(file, what + ", byte " + position, rule);
    }
}
