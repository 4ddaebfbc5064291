package dev.lorikeet.transformer.jinja;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code value is test}: those of Jinja that templates of chats are seen with. */
final class Tests {
    /** Whether something holds of a value. */
    @FunctionalInterface
    interface Test {
        boolean holds(Run run, Object value, Arguments arguments);
    }

    private Tests() {}

    /** The test of a name, null where it is not known. */
    static @Nullable Test of(String name) {
        return switch (name) {
            case "defined" -> simple(value -> !(value instanceof Undefined));
            case "undefined" -> simple(value -> value instanceof Undefined);
            case "none" -> simple(value -> value == None.NONE);
            case "string" -> simple(value -> value instanceof String);
            case "mapping" -> simple(value -> value instanceof Map<?, ?>);
            case "sequence" -> simple(value -> value instanceof String || value instanceof List<?>
                    || value instanceof Map<?, ?> || value instanceof Undefined);
            case "iterable" -> simple(value -> value instanceof String || value instanceof List<?>
                    || value instanceof Map<?, ?> || value instanceof Undefined);
            case "boolean" -> simple(value -> value instanceof Boolean);
            case "true" -> simple(value -> value == Boolean.TRUE);
            case "false" -> simple(value -> value == Boolean.FALSE);
            case "number" -> simple(value -> Values.number(value) != null);
            case "integer" -> simple(value -> value instanceof Long);
            case "float" -> simple(value -> value instanceof Double);
            case "callable" -> simple(value -> value instanceof Callable);
            case "odd", "even" -> (run, value, arguments) -> {
                arguments.bound(run);
                return isMultiple(run, value, 2L) == name.equals("even");
            };
            case "divisibleby" -> (run, value, arguments) -> isMultiple(run, value,
                    arguments.bound(run, "num").value("num"));
            case "upper", "lower" -> (run, value, arguments) -> {
                arguments.bound(run);
                String text = PythonText.of(run, value);
                return StringMethods.cased(run, text, name).equals(text) && text.codePoints().anyMatch(
                        c -> Character.isUpperCase(c) || Character.isLowerCase(c));
            };
            case "in" -> (run, value, arguments) -> Values.contains(run, arguments.bound(run, "seq").value("seq"),
                    value);
            case "eq", "equalto", "==" -> (run, value, arguments) -> Values.equal(run, value, other(run, arguments));
            case "ne", "!=" -> (run, value, arguments) -> !Values.equal(run, value, other(run, arguments));
            case "lt", "lessthan", "<" -> (run, value, arguments) -> Values.compare(run, value,
                    other(run, arguments)) < 0;
            case "le", "<=" -> (run, value, arguments) -> Values.compare(run, value, other(run, arguments)) <= 0;
            case "gt", "greaterthan", ">" -> (run, value, arguments) -> Values.compare(run, value,
                    other(run, arguments)) > 0;
            case "ge", ">=" -> (run, value, arguments) -> Values.compare(run, value, other(run, arguments)) >= 0;
            default -> null;
        };
    }

    private static Object other(Run run, Arguments arguments) {
        return arguments.bound(run, "other").value("other");
    }

    private static Test simple(Predicate<Object> holds) {
        return (run, value, arguments) -> {
            arguments.bound(run);
            return holds.test(value);
        };
    }

    private static boolean isMultiple(Run run, Object value, Object of) {
        return Values.equal(run, Operators.apply(run, "%", value, of), 0L);
    }
}
