package dev.lorikeet.transformer.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * An object in a JSON file that knows where it stands, so that each wrong field is reported by its file, its full name
 * and the rule.
 *
 * @param source the file
 * @param place the object's own name inside the file, for example {@code model}; empty for the whole file
 * @param fields the fields as {@link Json} reads them
 */
public record JsonObject(Path source, String place, Map<String, Object> fields) {

    /**
     * Reads a file that holds one JSON object.
     *
     * @throws InputException as {@link Json#readObject(Path)}
     */
    public static JsonObject read(Path file) {
        return new JsonObject(file, "", Json.readObject(file));
    }

    /**
     * Reads a file of JSON lines, each an object.
     *
     * @throws InputException if the file cannot be read, or a line is no object
     */
    public static List<JsonObject> lines(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return IntStream.range(0, lines.size()).mapToObj(i -> new JsonObject(file, "line " + (i + 1),
                    Json.readLine(lines.get(i), file, i + 1))).toList();
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e);
        }
    }

    /** Whether the field is there and not null. */
    public boolean has(String name) {
        return fields.get(name) != null;
    }

    /**
     * A string.
     *
     * @throws InputException if the field is missing or not a string
     */
    public String string(String name) {
        return required(name, String.class, "a string");
    }

    /**
     * A string, or {@code whenAbsent} where the field is missing or null.
     *
     * @throws InputException if the field is there and neither null nor a string
     */
    public String string(String name, String whenAbsent) {
        return has(name) ? string(name) : whenAbsent;
    }

    /**
     * The path of a file, which starts from {@code folder} where it is relative.
     *
     * @throws InputException if the field is missing, not a string, or no path on this machine
     */
    public Path path(String name, Path folder) {
        return FileNames.resolve(folder, string(name), rule -> error(name, rule));
    }

    /**
     * True or false.
     *
     * @throws InputException if the field is missing or not true or false
     */
    public boolean flag(String name) {
        return required(name, Boolean.class, "true or false");
    }

    /**
     * True or false, or {@code whenAbsent} where the field is missing or null.
     *
     * @throws InputException if the field is there and neither null nor true or false
     */
    public boolean flag(String name, boolean whenAbsent) {
        return has(name) ? flag(name) : whenAbsent;
    }

    /**
     * A whole number.
     *
     * @throws InputException if the field is missing or not a whole number that fits 32 bits
     */
    public int integer(String name) {
        return required(name, Integer.class, "a whole number below 2^31");
    }

    /**
     * A whole number, or {@code whenAbsent} where the field is missing or null.
     *
     * @throws InputException if the field is there and neither null nor a whole number that fits 32 bits
     */
    public int integer(String name, int whenAbsent) {
        return has(name) ? integer(name) : whenAbsent;
    }

    /**
     * A number.
     *
     * @throws InputException if the field is missing or not a number
     */
    public double number(String name) {
        return required(name, Number.class, "a number").doubleValue();
    }

    /**
     * A number, or {@code whenAbsent} where the field is missing or null.
     *
     * @throws InputException if the field is there and neither null nor a number
     */
    public double number(String name, double whenAbsent) {
        return has(name) ? number(name) : whenAbsent;
    }

    /**
     * A number, or NaN or an infinity by its name, as {@link Json#number} writes them.
     *
     * @throws InputException if the field is missing or none of these
     */
    public double anyNumber(String name) {
        return anyNumber(fields.get(name), name);
    }

    /** As {@link #anyNumber(String)}, of a value in the list {@code name}. */
    public double anyNumber(@Nullable Object item, String name) {
        return switch (item) {
            case Number number -> number.doubleValue();
            case String text when List.of("NaN", "Infinity", "-Infinity").contains(text) -> Double.parseDouble(text);
            case null, default -> throw error(name, "a number is expected, not " + Shown.value(item));
        };
    }

    /**
     * A nested object.
     *
     * @throws InputException if the field is missing or not an object
     */
    public JsonObject object(String name) {
        return asObject(required(name, Map.class, "an object"), nameOf(name));
    }

    /**
     * A list of objects.
     *
     * @throws InputException if the field is missing, not a list, or an item is not an object
     */
    public List<JsonObject> objects(String name) {
        List<?> items = list(name);
        return IntStream.range(0, items.size()).mapToObj(i -> item(items.get(i), nameOf(name) + "[" + i + "]"))
                .toList();
    }

    /**
     * A list.
     *
     * @throws InputException if the field is missing or not a list
     */
    public List<?> list(String name) {
        return required(name, List.class, "a list");
    }

    /**
     * Refuses fields that nobody reads, since an unknown field may change the maths.
     *
     * @throws InputException naming the first field that is not among {@code known}
     */
    public void allowOnly(Set<String> known) {
        for (String name : fields.keySet()) {
            if (!known.contains(name)) {
                throw error(name, "unknown field");
            }
        }
    }

    /** The error to throw for a field of this object. */
    public InputException error(String name, String rule) {
        return new InputException(source, nameOf(name), rule);
    }

    private String nameOf(String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    private JsonObject item(@Nullable Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return asObject(map, name);
        }
        throw new InputException(source, name, "an object is expected, not " + Shown.value(value));
    }

    @SuppressWarnings("unchecked") // a JSON object's names are strings
    private JsonObject asObject(Map<?, ?> map, String name) {
        return new JsonObject(source, name, (Map<String, Object>) map);
    }

    private <T> T required(String name, Class<T> type, String expected) {
        Object value = fields.get(name);
        if (value == null) {
            throw error(name, (fields.containsKey(name) ? "is null" : "is missing") + ", " + expected + " is expected");
        }
        if (!type.isInstance(value)) {
            throw error(name, expected + " is expected, not " + Shown.value(value));
        }
        return type.cast(value);
    }
}
