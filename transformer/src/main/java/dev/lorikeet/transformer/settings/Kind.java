package dev.lorikeet.transformer.settings;

import dev.lorikeet.transformer.io.Shown;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a setting may be.
 *
 * @param label what a flag's value is called in a help text, for example {@code N}
 * @param rule what is expected, for example {@code a whole number from 1 on}
 * @param reader the value that a text, number, truth value or list of a file stands for, null where it stands for none;
 *     may tell the reason by an {@link IllegalArgumentException}
 * @param writer the same back
 */
public record Kind<T>(String label, String rule, Function<Object, @Nullable T> reader, Function<T, Object> writer) {
    private static final int MAX_LABEL = 40;

    /**
     * The value that something in a file stands for.
     *
     * @throws IllegalArgumentException that ends the sentence "training.epochs …"
     */
    T read(@Nullable Object given) {
        String reason = "";
        try {
            T value = given == null ? null : reader.apply(given);
            if (value != null) {
                return value;
            }
        } catch (IllegalArgumentException e) {
            reason = ": " + e.getMessage();
        }
        throw new IllegalArgumentException("must be " + rule + ", not " + Shown.value(given) + reason);
    }

    /**
     * The value that a text of the command line stands for, where a number is a text too.
     *
     * @throws IllegalArgumentException that ends the sentence "--epochs …"
     */
    public T readText(String text) {
        return read(Stream.<Function<String, Object>>of(Integer::valueOf, Long::valueOf, Double::valueOf)
                .map(type -> typed(text, type)).filter(number -> number != null && reader.apply(number) != null)
                .findFirst().orElse(text));
    }

    private static @Nullable Object typed(String text, Function<String, Object> type) {
        try {
            return type.apply(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    Object write(T value) {
        return writer.apply(value);
    }

    /** A whole number below 2^31. */
    public static Kind<Integer> whole(int least) {
        return new Kind<>("N", "a whole number from " + least + " on",
                given -> given instanceof Integer number && number >= least ? number : null, number -> number);
    }

    /** A whole number of 64 bits. */
    public static Kind<Long> seed() {
        return new Kind<>("N", "a whole number",
                given -> given instanceof Integer || given instanceof Long ? ((Number) given).longValue() : null,
                number -> number);
    }

    /** A number in {@code [0, …)} that a float can hold. */
    public static Kind<Double> notNegative() {
        return number("a number from 0 on", value -> value >= 0 && value <= Float.MAX_VALUE);
    }

    /** A finite number that obeys a rule. */
    public static Kind<Double> number(String rule, DoublePredicate holds) {
        return new Kind<>("X", rule, given -> given instanceof Number number && holds.test(number.doubleValue())
                ? number.doubleValue()
                : null, number -> number);
    }

    public static Kind<Boolean> flag() {
        return new Kind<>("", "true or false", given -> given instanceof Boolean value ? value : null, value -> value);
    }

    /** One of a few, by name; in YAML, 256 is a number. */
    public static <T> Kind<T> oneOf(List<T> choices, Function<T, String> name) {
        List<String> names = choices.stream().map(name).toList();
        String all = String.join("|", names);
        return new Kind<>(all.length() <= MAX_LABEL ? all : "NAME", String.join(" or ", names),
                given -> given instanceof String || given instanceof Integer
                        ? choices.stream().filter(choice -> name.apply(choice).equals(given.toString())).findFirst()
                                .orElse(null)
                        : null,
                name::apply);
    }

    /** A text that is not blank. */
    public static Kind<String> text(String label, String rule) {
        return new Kind<>(label, rule, given -> given instanceof String text && !text.isBlank() ? text : null,
                text -> text);
    }

    public static Kind<Path> file() {
        return new Kind<>("FILE", "a path", given -> {
            try {
                return given instanceof String text && !text.isBlank() ? Path.of(text).normalize() : null;
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e.getReason(), e);
            }
        }, Path::toString);
    }
}
