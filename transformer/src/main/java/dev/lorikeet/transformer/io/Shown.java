package dev.lorikeet.transformer.io;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values of users and files as messages show them: with their type, and cut where they are long or many. */
public final class Shown {
    private static final int MOST_LETTERS = 60;
    private static final int MOST_NAMES = 12;

    private Shown() {}

    /** A value, texts in quotes: {@code "8"} is a text, {@code 8} a number. */
    public static String value(@Nullable Object value) {
        return switch (value) {
            case String text -> "\"" + cut(text) + "\"";
            case List<?> list -> cut(list.stream().map(Shown::value).collect(Collectors.joining(", ", "[", "]")));
            case Map<?, ?> map -> cut(map.entrySet().stream()
                    .map(entry -> value(String.valueOf(entry.getKey())) + ": " + value(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}")));
            case null, default -> cut(String.valueOf(value));
        };
    }

    /** Names with commas between, the first of many: {@code a, b, c and 97 more}. */
    public static String names(Collection<String> names) {
        String first = names.stream().limit(MOST_NAMES).map(Shown::cut).collect(Collectors.joining(", "));
        return names.size() <= MOST_NAMES ? first : first + " and " + (names.size() - MOST_NAMES) + " more";
    }

    private static String cut(String text) {
        return text.length() <= MOST_LETTERS ? text : text.substring(0, MOST_LETTERS) + "…";
    }
}
