package dev.lorikeet.transformer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sums, products, items and slices, as Python has them. Whole numbers that do not fit 64 bits are refused. */
final class Operators {
    private Operators() {}

    /** What an operator between two values gives. */
    static Object apply(Run run, String operator, Object left, Object right) {
        if (operator.equals("+")) {
            if (left instanceof String text && right instanceof String more) {
                run.work((long) text.length() + more.length());
                return text + more;
            }
            if (left instanceof List<?> list && right instanceof List<?> more
                    && list instanceof Tuple == more instanceof Tuple) {
                run.work((long) list.size() + more.size());
                List<Object> all = new ArrayList<>(list);
                all.addAll(more);
                return list instanceof Tuple ? new Tuple(all) : all;
            }
        }
        Number number = Values.number(left);
        Number other = Values.number(right);
        if (operator.equals("*") && (number == null) != (other == null)) {
            return repeated(run, number == null ? left : right, number == null ? right : left);
        }
        if (number == null || other == null) {
            throw run.error("\"" + operator + "\" between " + Values.type(left) + " and " + Values.type(right)
                    + " is not supported");
        }
        try {
            return operator.equals("/") || !(number instanceof Long a && other instanceof Long b)
                    ? fractions(run, operator, number.doubleValue(), other.doubleValue())
                    : whole(run, operator, a, b);
        } catch (ArithmeticException e) {
            throw run.error("\"" + operator + "\": the whole number does not fit 64 bits");
        }
    }

    private static Object repeated(Run run, Object value, Object times) {
        long count = times instanceof Long number ? Math.max(0, number) : times instanceof Boolean flag && flag ? 1 : 0;
        if (times instanceof Double) {
            throw run.error("\"*\": a text or a list is repeated a whole number of times");
        }
        switch (value) {
            case String text -> {
                run.work(Math.multiplyHigh(count, text.length()) != 0 ? -1 : count * text.length());
                return text.repeat((int) (text.isEmpty() ? 0 : count));
            }
            case List<?> list -> {
                run.work(Math.multiplyHigh(count, list.size()) != 0 ? -1 : count * list.size());
                List<Object> all = new ArrayList<>();
                for (long i = 0; i < (list.isEmpty() ? 0 : count); i++) {
                    all.addAll(list);
                }
                return list instanceof Tuple ? new Tuple(all) : all;
            }
            default -> throw run.error("\"*\": " + Values.type(value) + " cannot be repeated");
        }
    }

    private static Object whole(Run run, String operator, long a, long b) {
        if (b == 0 && (operator.equals("//") || operator.equals("%"))) {
            throw run.error("\"" + operator + "\" by zero");
        }
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDivExact(a, b);
            case "%" -> Math.floorMod(a, b);
            case "**" -> b < 0 ? (Object) fractions(run, operator, a, b) : power(a, b);
            default -> throw run.error("\"" + operator + "\" is not supported");
        };
    }

    private static long power(long base, long exponent) {
        if (base == 0 || base == 1 || base == -1) {
            return exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
        }
        long product = 1;
        for (long i = 0; i < exponent; i++) { // ends after 63 rounds at most
            product = Math.multiplyExact(product, base);
        }
        return product;
    }

    private static double fractions(Run run, String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))
                || a == 0 && b < 0 && operator.equals("**")) {
            throw run.error("\"" + operator + "\" by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> {
                double rest = a % b;
                yield rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
            }
            case "**" -> Math.pow(a, b);
            default -> throw run.error("\"" + operator + "\" is not supported");
        };
    }

    static Object negative(Run run, Object value) {
        return switch (Values.number(value)) {
            case Long number when number != Long.MIN_VALUE -> -number;
            case Double number -> -number;
            case null, default -> throw run.error("\"-\" before " + Values.type(value) + " is not supported");
        };
    }

    /** {@code value[index]}, undefined where there is none. */
    static Object item(Run run, Object value, Object index) {
        switch (value) {
            case Map<?, ?> map -> {
                Object field = map.get(Values.key(run, index));
                return field == null ? attributeOf(run, value, index) : field;
            }
            case List<?> list when Values.number(index) instanceof Long place -> {
                long at = place < 0 ? place + list.size() : place;
                return at < 0 || at >= list.size() ? new Undefined("item " + place + " of a list of " + list.size())
                        : list.get((int) at);
            }
            case String text when Values.number(index) instanceof Long place -> {
                int length = Strings.length(run.made(text));
                long at = place < 0 ? place + length : place;
                return at < 0 || at >= length ? new Undefined("character " + place + " of a text of " + length)
                        : Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
            }
            case Undefined undefined -> throw run.error(undefined.what() + " is undefined");
            default -> {
                return attributeOf(run, value, index);
            }
        }
    }

    private static Object attributeOf(Run run, Object value, Object name) {
        return name instanceof String text ? Attributes.declared(run, value, text)
                : new Undefined("an item of " + Values.type(value));
    }

    /** {@code value[start:stop:step]}. */
    static Object slice(Run run, Object value, Object start, Object stop, Object step) {
        int by = bound(run, step, 1);
        if (by == 0) {
            throw run.error("a slice's step must not be 0");
        }
        int[] characters = value instanceof String text ? run.made(text).codePoints().toArray() : null;
        if (characters == null && !(value instanceof List<?>)) {
            throw run.error(Values.type(value) + " has no slices");
        }
        int length = characters == null ? ((List<?>) value).size() : characters.length;
        int first = clipped(bound(run, start, by > 0 ? 0 : Integer.MAX_VALUE), length, by);
        int end = clipped(bound(run, stop, by > 0 ? Integer.MAX_VALUE : -Integer.MAX_VALUE), length, by);
        List<Object> items = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (long i = first; by > 0 ? i < end : i > end; i += by) {
            run.work(1);
            if (characters == null) {
                items.add(((List<?>) value).get((int) i));
            } else {
                part.appendCodePoint(characters[(int) i]);
            }
        }
        return characters != null ? part.toString() : value instanceof Tuple ? new Tuple(items) : items;
    }

    private static int bound(Run run, Object value, int whenAbsent) {
        if (value == None.NONE) {
            return whenAbsent;
        }
        @Nullable
        Number number = Values.number(value);
        if (!(number instanceof Long whole)) {
            throw run.error("the ends of a slice must be whole numbers, not " + Values.type(value));
        }
        return (int) Math.clamp(whole, -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** As Python's {@code slice.indices}. */
    private static int clipped(int bound, int length, int step) {
        long from = bound < 0 ? (long) bound + length : bound;
        return (int) (step > 0 ? Math.clamp(from, 0L, length) : Math.clamp(from, -1L, length - 1L));
    }
}
