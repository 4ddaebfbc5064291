package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Arguments.Bound;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that every template knows: Jinja's, and those that transformers adds. */
final class Globals {
    private static final int MOST_NUMBERS = 100_000;

    private Globals() {}

    static void set(Frame frame) {
        frame.set("raise_exception", (Callable) (run, arguments) -> {
            throw run.error("the template refuses: " + PythonText.of(run,
                    arguments.bound(run, "message").value("message", "")));
        });
        frame.set("namespace", (Callable) (run, arguments) -> {
            for (String name : arguments.named().keySet()) {
                requireField(run, name);
            }
            return new Namespace(fields(run, arguments));
        });
        frame.set("dict", (Callable) (run, arguments) -> new LinkedHashMap<Object, Object>(fields(run, arguments)));
        frame.set("range", (Callable) Globals::range);
        LocalDateTime now = frame.run().now();
        if (now != null) {
            frame.set("strftime_now", (Callable) (run, arguments) -> time(run, now,
                    arguments.bound(run, "format").text("format")));
        }
    }

    /** @throws dev.lorikeet.transformer.io.InputException if a namespace has no place for the name */
    static void requireField(Run run, String name) {
        if (name.startsWith("_")) {
            throw run.error("namespace: \"" + name + "\" begins with an underscore");
        }
    }

    private static Map<String, Object> fields(Run run, Arguments arguments) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Object given : arguments.inOrder()) {
            if (!(given instanceof Map<?, ?> map)) {
                throw run.error(arguments.of() + ": a mapping is expected, not " + Values.type(given));
            }
            run.work(map.size());
            map.forEach((name, value) -> fields.put(PythonText.of(run, name), value));
        }
        fields.putAll(arguments.named());
        return fields;
    }

    private static Object range(Run run, Arguments arguments) {
        boolean one = arguments.inOrder().size() == 1;
        Bound given = one ? arguments.bound(run, "stop") : arguments.bound(run, "start", "stop", "step");
        int start = one ? 0 : given.whole("start", 0);
        int stop = given.whole("stop", 0);
        int step = one ? 1 : given.whole("step", 1);
        if (step == 0) {
            throw run.error("range: the step must not be 0");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            run.work(1);
            if (numbers.size() == MOST_NUMBERS) {
                throw run.error("range: more than " + MOST_NUMBERS + " numbers");
            }
            numbers.add(i);
        }
        return numbers;
    }

    /** As Python's {@code strftime} in the C locale. */
    private static String time(Run run, LocalDateTime now, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            String pattern = switch (format.charAt(++i)) {
                case 'd' -> "dd";
                case 'm' -> "MM";
                case 'Y' -> "yyyy";
                case 'y' -> "yy";
                case 'b' -> "MMM";
                case 'B' -> "MMMM";
                case 'a' -> "EEE";
                case 'A' -> "EEEE";
                case 'H' -> "HH";
                case 'I' -> "hh";
                case 'M' -> "mm";
                case 'S' -> "ss";
                case 'p' -> "a";
                case 'j' -> "DDD";
                case '%' -> "'%'";
                default -> throw run.error("strftime_now: \"%" + format.charAt(i) + "\" is not supported");
            };
            text.append(DateTimeFormatter.ofPattern(pattern, Locale.US).format(now));
        }
        return text.toString();
    }
}
