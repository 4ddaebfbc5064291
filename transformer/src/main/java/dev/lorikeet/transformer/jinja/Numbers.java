package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Arguments.Bound;

/** The filters {@code int} and {@code float}. */
final class Numbers {
    private Numbers() {}

    static Object whole(Run run, Object value, Arguments arguments) {
        Bound given = arguments.bound(run, "default");
        if (Values.number(value) instanceof Number number) {
            return number.longValue();
        }
        String text = value instanceof String some ? some.strip() : "";
        if (text.matches("[+-]?[0-9]{1,18}")) {
            return Long.parseLong(text);
        }
        return text.matches("[+-]?[0-9]{1,18}\\.[0-9]{0,18}") ? (Object) (long) Double.parseDouble(text)
                : given.value("default", 0L);
    }

    static Object fraction(Run run, Object value, Arguments arguments) {
        Bound given = arguments.bound(run, "default");
        if (Values.number(value) instanceof Number number) {
            return number.doubleValue();
        }
        String text = value instanceof String some ? some.strip() : "";
        return text.matches("[+-]?([0-9]{1,18}\\.?[0-9]{0,18}|\\.[0-9]{1,18})(e[+-]?[0-9]{1,2})?")
                ? (Object) Double.parseDouble(text)
                : given.value("default", 0.0);
    }
}
