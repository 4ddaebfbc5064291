package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a GGUF file says about the model, by key: numbers, flags, strings, and lists of those. Lists stay in the file
 * until they are asked for, since a vocabulary is larger than many a layer; then the file must still be open.
 */
public final class GgufMetadata {
    /** Of a string that is no item of a list; chat templates are the longest. */
    private static final int LONGEST = 1 << 24;
    /** Of an item of a list, and of a key. */
    private static final int LONGEST_ITEM = 1 << 16;

    private final Path file;
    private final MemorySegment bytes;
    private final Map<String, Value> values = new LinkedHashMap<>();

    /** The types of values by their numbers in files. */
    private enum Type {
        UINT8(1), INT8(1), UINT16(2), INT16(2), UINT32(4), INT32(4), FLOAT32(4), BOOL(1), STRING(8), ARRAY(12),
        UINT64(8), INT64(8), FLOAT64(8);

        /** The bytes of one, or the least there can be. */
        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        boolean isInteger() {
            return switch (this) {
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
                case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
            };
        }

        boolean isNumber() {
            return isInteger() || this == FLOAT32 || this == FLOAT64;
        }
    }

    /**
     * One value or a list.
     *
     * @param count of the items of a list; -1 for one value
     * @param from where it begins, with its type
     * @param at where its bytes begin, the first item of a list
     * @param to where it ends
     */
    private record Value(Type type, long count, long from, long at, long to) {
        boolean isList() {
            return count >= 0;
        }
    }

    /**
     * Passes all values, and checks that they are whole.
     *
     * @param cursor at the first key
     */
    GgufMetadata(Path file, MemorySegment bytes, GgufCursor cursor, long count) {
        this.file = file;
        this.bytes = bytes;
        for (long i = 0; i < count; i++) {
            String key = cursor.text("a key", LONGEST_ITEM);
            if (values.put(key, value(key, cursor)) != null) {
                throw error(key, "is there twice");
            }
        }
    }

    private Value value(String key, GgufCursor cursor) {
        long from = cursor.position();
        Type type = type(key, cursor);
        if (type != Type.ARRAY) {
            long at = cursor.position();
            passOne(type, cursor);
            return new Value(type, -1, from, at, cursor.position());
        }
        Type item = type(key, cursor);
        if (item == Type.ARRAY) {
            throw error(key, "is a list of lists, which is not read");
        }
        long count = cursor.count("the number of items of " + key, item.bytes);
        long at = cursor.position();
        if (item == Type.STRING) {
            cursor.passTexts(count, key);
        } else {
            cursor.pass(count, item.bytes, key);
        }
        return new Value(item, count, from, at, cursor.position());
    }

    private static void passOne(Type type, GgufCursor cursor) {
        if (type == Type.STRING) {
            cursor.passTexts(1, "a string");
        } else {
            cursor.pass(1, type.bytes, "a value");
        }
    }

    private Type type(String key, GgufCursor cursor) {
        long number = cursor.unsigned32("the type of " + key);
        if (number >= Type.values().length) {
            throw error(key, "type " + number + " is not one of 0 to " + (Type.values().length - 1));
        }
        return Type.values()[(int) number];
    }

    /** The file that says so. */
    public Path file() {
        return file;
    }

    /** All keys, in the file's order. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(values.keySet());
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** Whether there is a string of this name. */
    public boolean isString(String key) {
        Value value = values.get(key);
        return value != null && !value.isList() && value.type == Type.STRING;
    }

    /**
     * A string.
     *
     * @throws InputException if it is missing, no string, or longer than 16 MB
     */
    public String string(String key) {
        return cursor(one(key, "a string", Type.STRING).at).text(key, LONGEST);
    }

    /** A string, or {@code whenAbsent} where there is none. */
    public String string(String key, String whenAbsent) {
        return has(key) ? string(key) : whenAbsent;
    }

    /**
     * True or false.
     *
     * @throws InputException if it is missing or anything else
     */
    public boolean flag(String key) {
        int value = cursor(one(key, "true or false", Type.BOOL).at).unsigned8(key);
        if (value > 1) {
            throw error(key, "true (1) or false (0) is expected, not " + value);
        }
        return value == 1;
    }

    /** True or false, or {@code whenAbsent} where there is none. */
    public boolean flag(String key, boolean whenAbsent) {
        return has(key) ? flag(key) : whenAbsent;
    }

    /**
     * A whole number, which files have in any of the eight types.
     *
     * @throws InputException if it is missing, no whole number, or does not fit 32 bits
     */
    public int integer(String key) {
        Value value = required(key);
        if (value.isList() || !value.type.isInteger()) {
            throw error(key, "a whole number is expected, not " + named(value));
        }
        return integer(key, value.type, cursor(value.at));
    }

    /** A whole number, or {@code whenAbsent} where there is none. */
    public int integer(String key, int whenAbsent) {
        return has(key) ? integer(key) : whenAbsent;
    }

    /**
     * A number of any type.
     *
     * @throws InputException if it is missing or no finite number
     */
    public double number(String key) {
        Value value = required(key);
        if (value.isList() || !value.type.isNumber()) {
            throw error(key, "a number is expected, not " + named(value));
        }
        return number(key, value.type, cursor(value.at));
    }

    /** A number, or {@code whenAbsent} where there is none. */
    public double number(String key, double whenAbsent) {
        return has(key) ? number(key) : whenAbsent;
    }

    /**
     * A list of strings.
     *
     * @throws InputException if it is missing, anything else, or one is longer than 64 KB
     */
    public List<String> strings(String key) {
        Value value = list(key, "a list of strings");
        if (value.type != Type.STRING) {
            throw error(key, "a list of strings is expected, not " + named(value));
        }
        GgufCursor cursor = cursor(value.at);
        List<String> strings = new ArrayList<>((int) value.count);
        for (int i = 0; i < value.count; i++) {
            strings.add(cursor.text(key, LONGEST_ITEM));
        }
        return strings;
    }

    /**
     * A list of whole numbers.
     *
     * @throws InputException if it is missing, anything else, or one does not fit 32 bits
     */
    public int[] integers(String key) {
        Value value = list(key, "a list of whole numbers");
        if (!value.type.isInteger()) {
            throw error(key, "a list of whole numbers is expected, not " + named(value));
        }
        GgufCursor cursor = cursor(value.at);
        int[] numbers = new int[(int) value.count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = integer(key, value.type, cursor);
        }
        return numbers;
    }

    /**
     * A list of numbers.
     *
     * @throws InputException if it is missing, anything else, or one is not finite
     */
    public float[] numbers(String key) {
        Value value = list(key, "a list of numbers");
        if (!value.type.isNumber()) {
            throw error(key, "a list of numbers is expected, not " + named(value));
        }
        GgufCursor cursor = cursor(value.at);
        float[] numbers = new float[(int) value.count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) number(key, value.type, cursor);
        }
        return numbers;
    }

    /**
     * The value as JSON has it: an Integer, a Double, a Boolean, a String, or a list of those.
     *
     * @throws InputException if it is missing, or a number that does not fit
     */
    public Object value(String key) {
        Value value = required(key);
        if (value.isList()) {
            return switch (value.type) {
                case STRING -> strings(key);
                case FLOAT32, FLOAT64 -> {
                    List<Double> numbers = new ArrayList<>();
                    for (float number : numbers(key)) {
                        numbers.add(Double.valueOf(Float.toString(number)));
                    }
                    yield numbers;
                }
                default -> Arrays.stream(integers(key)).boxed().toList();
            };
        }
        return switch (value.type) {
            case STRING -> string(key);
            case BOOL -> flag(key);
            case FLOAT32 -> Double.valueOf(Float.toString((float) number(key))); // 0.1 where the file has 0.1f
            case FLOAT64 -> number(key);
            default -> integer(key);
        };
    }

    /** The bytes of a value in the file, with its type. */
    byte[] bytes(String key) {
        Value value = required(key);
        return bytes.asSlice(value.from, value.to - value.from).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The value for people: lists by the number and the type of their items. */
    public String shown(String key) {
        Value value = required(key);
        return value.isList() ? named(value) : switch (value.type) {
            case STRING -> string(key);
            case BOOL -> String.valueOf(flag(key));
            case FLOAT32 -> String.valueOf(Float.intBitsToFloat(cursor(value.at).signed32(key)));
            case FLOAT64 -> String.valueOf(Double.longBitsToDouble(cursor(value.at).signed64(key)));
            case UINT64 -> Long.toUnsignedString(whole(key, value.type, cursor(value.at)));
            default -> String.valueOf(whole(key, value.type, cursor(value.at)));
        };
    }

    /** The error to throw for a key. */
    public InputException error(String key, String rule) {
        return new InputException(file, key, rule);
    }

    private GgufCursor cursor(long at) {
        return new GgufCursor(file, bytes, at);
    }

    private int integer(String key, Type type, GgufCursor cursor) {
        long number = whole(key, type, cursor);
        boolean large = type == Type.UINT64 && number < 0;
        if (large || number != (int) number) {
            throw error(key, (large ? Long.toUnsignedString(number) : Long.toString(number))
                    + " is no whole number of 32 bits");
        }
        return (int) number;
    }

    private static long whole(String key, Type type, GgufCursor cursor) {
        return switch (type) {
            case UINT8 -> cursor.unsigned8(key);
            case INT8 -> cursor.signed8(key);
            case UINT16 -> cursor.unsigned16(key);
            case INT16 -> cursor.signed16(key);
            case UINT32 -> cursor.unsigned32(key);
            case INT32 -> cursor.signed32(key);
            case UINT64, INT64 -> cursor.signed64(key);
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> throw new IllegalArgumentException(type.name());
        };
    }

    private double number(String key, Type type, GgufCursor cursor) {
        double number = switch (type) {
            case FLOAT32 -> Float.intBitsToFloat(cursor.signed32(key));
            case FLOAT64 -> Double.longBitsToDouble(cursor.signed64(key));
            default -> integer(key, type, cursor);
        };
        if (!Double.isFinite(number)) {
            throw error(key, "a finite number is expected, not " + number);
        }
        return number;
    }

    private Value one(String key, String expected, Type type) {
        Value value = required(key);
        if (value.isList() || value.type != type) {
            throw error(key, expected + " is expected, not " + named(value));
        }
        return value;
    }

    private Value list(String key, String expected) {
        Value value = required(key);
        if (!value.isList() || value.count > Integer.MAX_VALUE - 8) {
            throw error(key, expected + " is expected, not " + named(value));
        }
        return value;
    }

    private Value required(String key) {
        Value value = values.get(key);
        if (value == null) {
            throw error(key, "is missing");
        }
        return value;
    }

    private static String named(Value value) {
        return (value.isList() ? "a list of " + value.count + " of type " : "type ") + value.type;
    }
}
