package dev.lorikeet.transformer.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The filter {@code tojson} as transformers has it: Python's {@code json.dumps}. */
final class JsonText {
    private static final int MOST_INDENT = 64;

    private final Run run;
    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable String indent;
    private final String betweenItems;
    private final String behindNames;
    private final StringBuilder out = new StringBuilder();

    private JsonText(Run run, Arguments.Bound settings) {
        this.run = run;
        this.ascii = settings.flag("ensure_ascii", false);
        this.sorted = settings.flag("sort_keys", false);
        int blanks = settings.whole("indent", -1);
        if (blanks > MOST_INDENT) {
            throw run.error("tojson: \"indent\" must be at most " + MOST_INDENT + ", not " + blanks);
        }
        this.indent = blanks < 0 ? null : " ".repeat(blanks);
        Object separators = settings.value("separators", None.NONE);
        if (separators == None.NONE) {
            this.betweenItems = indent == null ? ", " : ",";
            this.behindNames = ": ";
        } else if (separators instanceof List<?> pair && pair.size() == 2 && pair.getFirst() instanceof String first
                && pair.getLast() instanceof String second) {
            this.betweenItems = first;
            this.behindNames = second;
        } else {
            throw run.error("tojson: \"separators\" must be two texts");
        }
    }

    static String of(Run run, Object value, Arguments arguments) {
        JsonText json = new JsonText(run, arguments.bound(run, "ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int level) {
        run.work(1 + (indent == null ? 0 : (long) level * indent.length()));
        if (level > Values.MOST_LEVELS) {
            throw run.error("tojson: lists stand more than " + Values.MOST_LEVELS + " deep in each other");
        }
        switch (value) {
            case None _ -> out.append("null");
            case Boolean flag -> out.append(flag);
            case Long number -> out.append(number);
            case Double number -> out.append(number(number));
            case String text -> quoted(text);
            case List<?> list -> all(list, '[', ']', level, item -> write(item, level + 1));
            case Map<?, ?> map -> all(names(map), '{', '}', level, name -> {
                quoted(name instanceof String text ? text : name(name));
                out.append(behindNames);
                write(Objects.requireNonNull(map.get(name)), level + 1);
            });
            default -> throw run.error("tojson: " + Values.type(value) + " is no value of JSON");
        }
    }

    private Collection<?> names(Map<?, ?> map) {
        if (!sorted) {
            return map.keySet();
        }
        List<Object> names = new ArrayList<>(map.keySet());
        names.sort((left, right) -> Values.compare(run, left, right));
        return names;
    }

    private static String name(Object name) {
        return switch (name) {
            case None _ -> "null";
            case Double number -> number(number);
            default -> name.toString();
        };
    }

    private static String number(double number) {
        return Double.isNaN(number) ? "NaN"
                : Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : PythonText.number(number);
    }

    private void all(Collection<?> items, char open, char close, int level, Consumer<Object> write) {
        out.append(open);
        String between = "";
        for (Object item : items) {
            out.append(between);
            line(level + 1);
            write.accept(item);
            between = betweenItems;
        }
        if (!items.isEmpty()) {
            line(level);
        }
        out.append(close);
    }

    private void line(int level) {
        if (indent != null) {
            out.append('\n').repeat(indent, level);
        }
    }

    private void quoted(String text) {
        run.work(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c > '~') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
