package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A row of a file: what stands in the columns that were asked for, by their places among them. */
public final class Row {
    /** Squares of larger ones are no floats. */
    private static final float LARGEST = 1e30f;

    private final Path file;
    private final int line;
    private final List<String> columns;
    private final List<String> fields;
    private final @Nullable JsonObject object;

    /** @param fields in the order of the columns; empty where there is an object that has them */
    Row(Path file, int line, List<String> columns, List<String> fields, @Nullable JsonObject object) {
        this.file = file;
        this.line = line;
        this.columns = columns;
        this.fields = fields;
        this.object = object;
    }

    /** The first columns of this row. */
    Row to(int column) {
        return new Row(file, line, columns.subList(0, column),
                object == null ? fields.subList(0, column) : fields, object);
    }

    /** This row without its first columns. */
    Row from(int column) {
        return new Row(file, line, columns.subList(column, columns.size()),
                object == null ? fields.subList(column, fields.size()) : fields, object);
    }

    /** The line in the file, from 1, where the row begins. */
    public int line() {
        return line;
    }

    /** @throws InputException if it is blank, or in JSON no string */
    public String text(int column) {
        return filled("text", column, object == null ? fields.get(column) : object.string(columns.get(column)));
    }

    /** @throws InputException if it is blank, or in JSON none of a string, a number, true and false */
    public String label(int column) {
        return filled("label", column, label(object, column));
    }

    private String label(@Nullable JsonObject from, int column) {
        if (from == null) {
            return fields.get(column);
        }
        return switch (from.fields().get(columns.get(column))) {
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case Boolean flag -> flag.toString();
            case Double number when number == Math.rint(number) -> number.toString();
            case null, default -> from.string(columns.get(column));
        };
    }

    /** @throws InputException if it is no number, or one beyond ±10³⁰ */
    public float number(int column) {
        Object given = value(column);
        try {
            float number = given instanceof Number json ? json.floatValue()
                    : Float.parseFloat(given instanceof String text ? text.strip() : "");
            if (Math.abs(number) <= LARGEST) {
                return number;
            }
        } catch (NumberFormatException _) {
            // is told below
        }
        throw error("the number (column " + Shown.value(columns.get(column)) + ") is " + Shown.value(given)
                + ", a number up to 1e30 is expected");
    }

    /**
     * The labels in a field, of which there may be none: in JSON a list, else those between separators.
     *
     * @throws InputException if one is blank or there twice
     */
    public List<String> labels(int column, String separator) {
        Object given = value(column);
        if (given instanceof List<?> list && !list.stream().allMatch(String.class::isInstance)) {
            throw error("the labels (column " + Shown.value(columns.get(column)) + ") are " + Shown.value(given)
                    + ", a list of names is expected");
        }
        List<String> labels = given instanceof List<?> list ? list.stream().map(String::valueOf).toList()
                : given == null || given.toString().isBlank() ? List.of()
                        : Arrays.stream(given.toString().split(Pattern.quote(separator), -1)).map(String::strip)
                                .toList();
        for (int i = 0; i < labels.size(); i++) {
            if (labels.get(i).isBlank() || labels.indexOf(labels.get(i)) < i) {
                throw error("the labels (column " + Shown.value(columns.get(column)) + ") are " + Shown.value(given)
                        + ", where " + (labels.get(i).isBlank() ? "one is empty"
                                : Shown.value(labels.get(i))
                                        + " is there twice"));
            }
        }
        return labels;
    }

    /**
     * The texts in a list, which only JSON has.
     *
     * @param what one of them is called
     * @param numbers whether whole numbers are texts, too
     * @throws InputException if it is no list, or what is in it is empty or no string
     */
    List<String> list(int column, String what, boolean numbers) {
        Object given = value(column);
        String where = " (column " + Shown.value(columns.get(column)) + ") ";
        if (!(given instanceof List<?> list)) {
            throw error("the " + what + "s" + where + (given == null ? "are missing" : "are " + Shown.value(given))
                    + ", a list of texts is expected");
        }
        for (int i = 0; i < list.size(); i++) {
            boolean number = numbers && list.get(i) instanceof Integer;
            if (!number && (!(list.get(i) instanceof String text) || text.trim().isEmpty())) {
                throw error(what + " " + (i + 1) + where + (list.get(i) instanceof String ? "is empty"
                        : "is "
                                + Shown.value(list.get(i)) + ", a text is expected"));
            }
        }
        return list.stream().map(String::valueOf).toList();
    }

    /** Everything that was asked for by its column; in JSON all fields that there are. */
    public Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        if (object == null) {
            IntStream.range(0, columns.size()).forEach(i -> all.put(columns.get(i), fields.get(i)));
        } else {
            all.putAll(object.fields());
        }
        return all;
    }

    /** All of them as texts. */
    Stream<String> texts() {
        return IntStream.range(0, columns.size()).mapToObj(this::value).map(String::valueOf);
    }

    /** What stands there: a text, or what JSON has. */
    public @Nullable Object value(int column) {
        return object == null ? fields.get(column) : object.fields().get(columns.get(column));
    }

    private String filled(String what, int column, String value) {
        if (value.isBlank()) {
            throw error("the " + what + " (column " + Shown.value(columns.get(column)) + ") is empty");
        }
        return value;
    }

    /** A refusal of this row. */
    public InputException error(String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
