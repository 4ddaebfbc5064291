package dev.lorikeet.transformer.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Python's values have in common: whether they are true, equal, have items. */
final class Values {
    /** Lists in lists, that a template made. */
    static final int MOST_LEVELS = 64;

    private Values() {}

    /**
     * What Java's values are here; those of JSON, and texts, numbers and truth values.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static Object of(@Nullable Object value) {
        return switch (value) {
            case null -> None.NONE;
            case Integer number -> number.longValue();
            case List<?> list -> list.stream().map(Values::of).toList();
            case Map<?, ?> map -> {
                Map<Object, Object> values = new LinkedHashMap<>();
                map.forEach((name, field) -> values.put(of(name), of(field)));
                yield values;
            }
            case String _,Boolean _,Long _,Double _ -> value;
            default -> throw new IllegalArgumentException("a template has no values of " + value.getClass());
        };
    }

    /** What a value is called. */
    static String type(Object value) {
        return switch (value) {
            case Undefined undefined -> undefined.what() + ", which is undefined";
            case None _ -> "none";
            case String _ -> "a text";
            case Boolean _ -> "a truth value";
            case Long _,Double _ -> "a number";
            case Tuple _ -> "a tuple";
            case List<?> _ -> "a list";
            case Map<?, ?> _ -> "a mapping";
            case Namespace _ -> "a namespace";
            default -> "a function";
        };
    }

    static boolean isTrue(Object value) {
        return switch (value) {
            case Undefined _,None _ -> false;
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    /** A Long or a Double, of a truth value 1 or 0; null of what is no number. */
    static @Nullable Number number(Object value) {
        return switch (value) {
            case Boolean flag -> flag ? 1L : 0L;
            case Long number -> number;
            case Double number -> number;
            default -> null;
        };
    }

    static boolean equal(Run run, Object left, Object right) {
        return equal(run, left, right, 0);
    }

    private static boolean equal(Run run, Object left, Object right, int level) {
        run.work(1);
        if (level > MOST_LEVELS) {
            throw run.error("lists stand more than " + MOST_LEVELS + " deep in each other");
        }
        Number number = number(left);
        Number other = number(right);
        if (number != null || other != null) {
            return number != null && other != null && compare(number, other) == 0;
        }
        return switch (left) {
            case Undefined _ -> right instanceof Undefined;
            case String text -> {
                run.work(text.length());
                yield text.equals(right);
            }
            case List<?> list when right instanceof List<?> others -> {
                boolean same = list.size() == others.size() && list instanceof Tuple == others instanceof Tuple;
                for (int i = 0; same && i < list.size(); i++) {
                    same = equal(run, list.get(i), others.get(i), level + 1);
                }
                yield same;
            }
            case Map<?, ?> map when right instanceof Map<?, ?> others -> {
                boolean same = map.size() == others.size();
                for (Map.Entry<?, ?> field : map.entrySet()) {
                    Object value = others.get(field.getKey());
                    same = same && value != null && equal(run, field.getValue(), value, level + 1);
                }
                yield same;
            }
            default -> left == right;
        };
    }

    private static int compare(Number left, Number right) {
        return left instanceof Long a && right instanceof Long b ? Long.compare(a, b)
                : Double.compare(left.doubleValue() + 0.0, right.doubleValue() + 0.0); // -0.0 is 0.0
    }

    /** Below 0, 0 or above 0. */
    static int compare(Run run, Object left, Object right) {
        Number number = number(left);
        Number other = number(right);
        if (number != null && other != null) {
            return compare(number, other);
        }
        if (left instanceof String text && right instanceof String second) {
            run.work(text.length() + (long) second.length());
            return Arrays.compare(text.codePoints().toArray(), second.codePoints().toArray());
        }
        if (left instanceof List<?> list && right instanceof List<?> others) {
            for (int i = 0; i < Math.min(list.size(), others.size()); i++) {
                if (!equal(run, list.get(i), others.get(i))) {
                    return compare(run, list.get(i), others.get(i));
                }
            }
            return Integer.compare(list.size(), others.size());
        }
        throw run.error(type(left) + " and " + type(right) + " have no order");
    }

    /** What a loop over a value goes through. */
    static List<Object> items(Run run, Object value) {
        switch (value) {
            case Undefined _ -> {
                return List.of();
            }
            case String text -> {
                run.work(text.length());
                List<Object> characters = new ArrayList<>();
                text.codePoints().forEach(c -> characters.add(Character.toString(c)));
                return characters;
            }
            case List<?> list -> {
                run.work(list.size());
                return List.copyOf(list);
            }
            case Map<?, ?> map -> {
                run.work(map.size());
                return List.copyOf(map.keySet());
            }
            default -> throw run.error(type(value) + " has no items to go through");
        }
    }

    static long length(Run run, Object value) {
        return switch (value) {
            case Undefined _ -> 0;
            case String text -> Strings.length(run.made(text));
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            default -> throw run.error(type(value) + " has no length");
        };
    }

    /** Whether {@code item in value}. */
    static boolean contains(Run run, Object value, Object item) {
        return switch (value) {
            case Undefined _ -> false;
            case String text -> {
                if (!(item instanceof String part)) {
                    throw run.error("in: " + type(item) + " is in no text");
                }
                run.searched(text, part);
                yield text.contains(part);
            }
            case Map<?, ?> map -> map.containsKey(key(run, item));
            case List<?> list -> list.stream().anyMatch(one -> equal(run, Objects.requireNonNull(one), item));
            default -> throw run.error("in: " + type(value) + " has no items");
        };
    }

    /** A name in a mapping: as in Python, 1, 1.0 and true are the same. */
    static Object key(Run run, Object value) {
        return switch (value) {
            case String text -> run.made(text);
            case Boolean flag -> flag ? 1L : 0L;
            case Double number when number == Math.rint(number) && Math.abs(number) < 1L << 53 -> number.longValue();
            case Long _,Double _,None _ -> value;
            default -> throw run.error(type(value) + " is no name in a mapping");
        };
    }
}
