package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Arguments.Bound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@code value | filter}: those of Jinja that templates of chats are seen with. */
final class Filters {
    private static final String ATTRIBUTE = "attribute";

    /** What a filter makes of a value. */
    @FunctionalInterface
    interface Filter {
        Object apply(Run run, Object value, Arguments arguments);
    }

    private Filters() {}

    /** The filter of a name, null where it is not known. */
    static @Nullable Filter of(String name) {
        return switch (name) {
            case "trim" -> (run, value, arguments) -> StringMethods.stripped(run, PythonText.of(run, value),
                    arguments.bound(run, "chars").value("chars", None.NONE), true, true);
            case "length", "count" -> (run, value, arguments) -> {
                arguments.bound(run);
                return Values.length(run, value);
            };
            case "tojson" -> JsonText::of;
            case "string", "safe" -> (run, value, arguments) -> {
                arguments.bound(run);
                return PythonText.of(run, value);
            };
            case "title" -> (run, value, arguments) -> {
                arguments.bound(run);
                return titled(run.made(PythonText.of(run, value)));
            };
            case "upper", "lower", "capitalize" -> (run, value, arguments) -> {
                arguments.bound(run);
                return StringMethods.cased(run, PythonText.of(run, value), name);
            };
            case "replace" -> (run, value, arguments) -> {
                Bound given = arguments.bound(run, "old", "new", "count");
                return StringMethods.replaced(run, PythonText.of(run, value), given.text("old"), given.text("new"),
                        given.whole("count", -1));
            };
            case "indent" -> Filters::indented;
            case "default", "d" -> (run, value, arguments) -> {
                Bound given = arguments.bound(run, "default_value", "boolean");
                boolean absent = value instanceof Undefined || given.flag("boolean", false) && !Values.isTrue(value);
                return absent ? given.value("default_value", "") : value;
            };
            case "join" -> (run, value, arguments) -> {
                Bound given = arguments.bound(run, "d", ATTRIBUTE);
                List<Object> items = mapped(run, Values.items(run, value), given.value(ATTRIBUTE, None.NONE));
                return StringMethods.joined(run, items.stream().<Object>map(item -> PythonText.of(run, item)).toList(),
                        PythonText.of(run, given.value("d", "")));
            };
            case "list" -> (run, value, arguments) -> {
                arguments.bound(run);
                return Values.items(run, value);
            };
            case "items" -> (run, value, arguments) -> {
                arguments.bound(run);
                return value instanceof Undefined ? List.of() : Attributes.pairs(run, mapping(run, value, name));
            };
            case "dictsort" -> (run, value, arguments) -> {
                Bound given = arguments.bound(run, "case_sensitive", "by", "reverse");
                List<Object> pairs = Attributes.pairs(run, mapping(run, value, name));
                int by = given.text("by", "key").equals("value") ? 1 : 0;
                return sorted(run, pairs, pair -> ((Tuple) pair).get(by), given.flag("case_sensitive", false),
                        given.flag("reverse", false));
            };
            case "sort" -> (run, value, arguments) -> {
                Bound given = arguments.bound(run, "reverse", "case_sensitive", ATTRIBUTE);
                Object attribute = given.value(ATTRIBUTE, None.NONE);
                return sorted(run, Values.items(run, value), item -> attribute(run, item, attribute),
                        given.flag("case_sensitive", false), given.flag("reverse", false));
            };
            case "reverse" -> (run, value, arguments) -> {
                arguments.bound(run);
                List<Object> items = new ArrayList<>(Values.items(run, value));
                Collections.reverse(items);
                return value instanceof String ? StringMethods.joined(run, items, "") : items;
            };
            case "first", "last" -> (run, value, arguments) -> {
                arguments.bound(run);
                List<Object> items = Values.items(run, value);
                return items.isEmpty() ? new Undefined("the " + name + " of no items")
                        : name.equals("first") ? items.getFirst() : items.getLast();
            };
            case "int" -> (run, value, arguments) -> Numbers.whole(run, value, arguments);
            case "float" -> (run, value, arguments) -> Numbers.fraction(run, value, arguments);
            case "abs" -> (run, value, arguments) -> {
                arguments.bound(run);
                return Values.compare(run, value, 0L) < 0 ? Operators.negative(run, value) : value;
            };
            case "map" -> Filters::map;
            case "select", "reject", "selectattr", "rejectattr" -> (run, value, arguments) -> selected(run, value,
                    arguments, name.startsWith("select"), name.endsWith("attr"));
            case "unique" -> (run, value, arguments) -> {
                arguments.bound(run);
                List<Object> unique = new ArrayList<>();
                for (Object item : Values.items(run, value)) {
                    if (unique.stream().noneMatch(one -> Values.equal(run, folded(one, false), folded(item, false)))) {
                        unique.add(item);
                    }
                }
                return unique;
            };
            default -> null;
        };
    }

    /** Words begin behind white space, a hyphen or an opening bracket; a text's own method has others. */
    private static String titled(String text) {
        StringBuilder title = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || Strings.isSpace(text.charAt(i)) || "-({[<".indexOf(text.charAt(i)) >= 0) {
                title.append(StringMethods.capitalized(text.substring(from, i)));
                title.append(text, i, Math.min(i + 1, text.length()));
                from = i + 1;
            }
        }
        return title.toString();
    }

    private static Map<?, ?> mapping(Run run, Object value, String filter) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw run.error(filter + ": a mapping is expected, not " + Values.type(value));
    }

    /** The first line as it is, all others behind blanks, empty ones too where {@code blank} says so. */
    private static Object indented(Run run, Object value, Arguments arguments) {
        Bound given = arguments.bound(run, "width", "first", "blank");
        Object width = given.value("width", 4L);
        int blanks = width instanceof String ? 0 : given.whole("width", 4);
        run.work(blanks);
        String indent = width instanceof String text ? text : " ".repeat(Math.max(0, blanks));
        String[] lines = run.made(PythonText.of(run, value)).split("\n", -1);
        StringBuilder all = new StringBuilder(given.flag("first", false) ? indent : "").append(lines[0]);
        for (int i = 1; i < lines.length; i++) {
            run.work(indent.length());
            all.append('\n').append(lines[i].isEmpty() && !given.flag("blank", false) ? "" : indent).append(lines[i]);
        }
        return all.toString();
    }

    /** @param path names with points between, or none for the item itself */
    private static Object attribute(Run run, Object item, Object path) {
        if (path == None.NONE) {
            return item;
        }
        Object value = item;
        for (String name : PythonText.of(run, path).split("\\.", -1)) {
            run.work(1);
            value = Operators.item(run, value, name.matches("[0-9]{1,9}") ? (Object) Long.parseLong(name) : name);
        }
        return value;
    }

    private static List<Object> mapped(Run run, List<Object> items, Object path) {
        return path == None.NONE ? items : items.stream().map(item -> attribute(run, item, path)).toList();
    }

    private static Object map(Run run, Object value, Arguments arguments) {
        List<Object> items = Values.items(run, value);
        if (arguments.named().containsKey(ATTRIBUTE)) {
            Bound given = arguments.bound(run, ATTRIBUTE, "default");
            Object whenAbsent = given.value("default", None.NONE);
            return items.stream().map(item -> {
                Object field = attribute(run, item, given.value(ATTRIBUTE));
                return field instanceof Undefined && whenAbsent != None.NONE ? whenAbsent : field;
            }).toList();
        }
        String name = name(run, arguments, "map");
        Filter filter = of(name);
        if (filter == null) {
            throw run.error("the filter \"" + name + "\" is not supported");
        }
        Arguments rest = new Arguments(name, arguments.inOrder().subList(1, arguments.inOrder().size()),
                arguments.named());
        List<Object> all = new ArrayList<>();
        for (Object item : items) {
            run.work(1);
            all.add(filter.apply(run, item, rest));
        }
        return all;
    }

    private static String name(Run run, Arguments arguments, String filter) {
        if (!arguments.inOrder().isEmpty() && arguments.inOrder().getFirst() instanceof String name) {
            return name;
        }
        throw run.error(filter + ": a name is expected first");
    }

    private static Object selected(Run run, Object value, Arguments arguments, boolean right, boolean ofAttribute) {
        List<Object> given = arguments.inOrder();
        Object path = ofAttribute ? name(run, arguments, arguments.of()) : None.NONE;
        List<Object> test = ofAttribute ? given.subList(1, given.size()) : given;
        String name = test.isEmpty() ? "true" : name(run, new Arguments("", test, Map.of()), arguments.of());
        Tests.Test known = test.isEmpty() ? (_, item, _) -> Values.isTrue(item) : Tests.of(name);
        if (known == null) {
            throw run.error("the test \"" + name + "\" is not supported");
        }
        Arguments rest = new Arguments(name, test.isEmpty() ? test : test.subList(1, test.size()), arguments.named());
        List<Object> some = new ArrayList<>();
        for (Object item : Values.items(run, value)) {
            run.work(1);
            if (known.holds(run, attribute(run, item, path), rest) == right) {
                some.add(item);
            }
        }
        return some;
    }

    private static Object folded(Object value, boolean caseSensitive) {
        return value instanceof String text && !caseSensitive ? text.toLowerCase(Locale.ROOT) : value;
    }

    private static List<Object> sorted(Run run, List<Object> items, UnaryOperator<Object> key,
            boolean caseSensitive, boolean reverse) {
        Comparator<Object> order = (left, right) -> Values.compare(run, folded(key.apply(left), caseSensitive),
                folded(key.apply(right), caseSensitive));
        List<Object> sorted = new ArrayList<>(items);
        sorted.sort(reverse ? order.reversed() : order);
        return sorted;
    }
}
