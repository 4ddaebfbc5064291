package dev.lorikeet.transformer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code value.name}: fields of mappings, and the methods of texts, mappings and lists. */
final class Attributes {
    /** Methods that Python's values have besides, which a template could ask for. */
    private static final Set<String> OF_TEXTS = Set.of("casefold", "center", "encode", "expandtabs", "format",
            "format_map", "index", "isalnum", "isascii", "isdecimal", "isidentifier", "isnumeric", "isprintable",
            "istitle", "ljust", "maketrans", "partition", "rindex", "rjust", "rpartition", "swapcase", "translate",
            "zfill");
    private static final Set<String> OF_MAPPINGS = Set.of("clear", "copy", "fromkeys", "pop", "popitem", "setdefault",
            "update");
    private static final Set<String> OF_LISTS = Set.of("append", "clear", "copy", "extend", "index", "insert", "pop",
            "remove", "reverse", "sort");

    private Attributes() {}

    /** {@code value.name}: a method first, then a field. */
    static Object of(Run run, Object value, String name) {
        return switch (value) {
            case Undefined undefined -> throw run.error(undefined.what() + " is undefined");
            case Namespace namespace -> namespace.get(name);
            case Loop loop -> loop.get(run, name);
            case Map<?, ?> map -> {
                Callable method = mappingMethod(map, name);
                Object field = map.get(name);
                yield method != null ? method : field != null ? field : declared(run, value, name);
            }
            default -> declared(run, value, name);
        };
    }

    /** A method; undefined where there is none. */
    static Object declared(Run run, Object value, String name) {
        Callable method = switch (value) {
            case String text -> StringMethods.of(text, name);
            case Map<?, ?> map -> mappingMethod(map, name);
            case List<?> list when name.equals("count") -> (during, arguments) -> {
                Object item = arguments.bound(during, "value").value("value");
                return list.stream().filter(one -> Values.equal(during, one, item)).count();
            };
            default -> null;
        };
        Set<String> unsupported = switch (value) {
            case String _ -> OF_TEXTS;
            case Map<?, ?> _ -> OF_MAPPINGS;
            case List<?> _ -> OF_LISTS;
            default -> Set.of();
        };
        if (method == null && unsupported.contains(name)) {
            throw run.error("the method \"" + name + "\" of " + Values.type(value) + " is not supported");
        }
        return method != null ? method : new Undefined("\"" + name + "\" of " + Values.type(value));
    }

    private static @Nullable Callable mappingMethod(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" -> (run, arguments) -> {
                Arguments.Bound given = arguments.bound(run, "key", "default");
                Object value = map.get(Values.key(run, given.value("key")));
                return value == null ? given.value("default", None.NONE) : value;
            };
            case "items" -> (run, arguments) -> {
                arguments.bound(run);
                return pairs(run, map);
            };
            case "keys" -> (run, arguments) -> {
                arguments.bound(run);
                return Values.items(run, map);
            };
            case "values" -> (run, arguments) -> {
                arguments.bound(run);
                run.work(map.size());
                return List.<Object>copyOf(map.values());
            };
            default -> null;
        };
    }

    /** Names with their values. */
    static List<Object> pairs(Run run, Map<?, ?> map) {
        run.work(map.size());
        List<Object> pairs = new ArrayList<>(map.size());
        map.forEach((name, value) -> pairs.add(Tuple.of(name, value)));
        return pairs;
    }
}
