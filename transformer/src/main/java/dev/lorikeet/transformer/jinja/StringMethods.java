package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Arguments.Bound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's texts. */
final class StringMethods {
    private StringMethods() {}

    static @Nullable Callable of(String text, String name) {
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> (run, arguments) -> stripped(run, text,
                    arguments.bound(run, "chars").value("chars", None.NONE), !name.equals("rstrip"),
                    !name.equals("lstrip"));
            case "split", "rsplit" -> (run, arguments) -> {
                Bound given = arguments.bound(run, "sep", "maxsplit");
                Object separator = given.value("sep", None.NONE);
                int most = given.whole("maxsplit", -1);
                run.made(text);
                return separator == None.NONE ? words(run, text, most, name.equals("rsplit"))
                        : parts(run, text, given.text("sep"), most, name.equals("rsplit"));
            };
            case "splitlines" -> (run, arguments) -> {
                arguments.bound(run);
                return lines(run.made(text));
            };
            case "startswith", "endswith" -> (run, arguments) -> {
                Object with = arguments.bound(run, "with").value("with");
                return (with instanceof Tuple several ? several : List.of(with)).stream()
                        .anyMatch(one -> isAtEnd(run, text, one, name));
            };
            case "replace" -> (run, arguments) -> {
                Bound given = arguments.bound(run, "old", "new", "count");
                return replaced(run, text, given.text("old"), given.text("new"), given.whole("count", -1));
            };
            case "removeprefix" -> (run, arguments) -> {
                String prefix = arguments.bound(run, "prefix").text("prefix");
                return text.startsWith(prefix) ? run.made(text.substring(prefix.length())) : text;
            };
            case "removesuffix" -> (run, arguments) -> {
                String suffix = arguments.bound(run, "suffix").text("suffix");
                return text.endsWith(suffix) ? run.made(text.substring(0, text.length() - suffix.length())) : text;
            };
            case "find", "rfind" -> (run, arguments) -> {
                String part = arguments.bound(run, "sub").text("sub");
                run.searched(text, part);
                int at = name.equals("find") ? text.indexOf(part) : text.lastIndexOf(part);
                return at < 0 ? -1L : (long) text.codePointCount(0, at);
            };
            case "count" -> (run, arguments) -> {
                String part = arguments.bound(run, "sub").text("sub");
                return part.isEmpty() ? 1L + Strings.length(run.made(text))
                        : (long) parts(run, text, part, -1, false).size() - 1;
            };
            case "join" -> (run, arguments) -> joined(run, Values.items(run,
                    arguments.bound(run, "iterable").value("iterable")), text);
            case "upper", "lower", "capitalize", "title" -> (run, arguments) -> {
                arguments.bound(run);
                return cased(run, text, name);
            };
            case "isdigit" -> all(text, Character::isDigit);
            case "isalpha" -> all(text, Character::isLetter);
            case "isspace" -> all(text, Strings::isSpace);
            case "isupper" -> (run, arguments) -> isCased(run, text, arguments, String::toUpperCase);
            case "islower" -> (run, arguments) -> isCased(run, text, arguments, String::toLowerCase);
            default -> null;
        };
    }

    private static Callable all(String text, IntPredicate of) {
        return (run, arguments) -> {
            arguments.bound(run);
            return !run.made(text).isEmpty() && text.codePoints().allMatch(of);
        };
    }

    private static boolean isCased(Run run, String text, Arguments arguments,
            BiFunction<String, Locale, String> to) {
        arguments.bound(run);
        run.work(2L * text.length());
        return to.apply(text, Locale.ROOT).equals(text)
                && text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }

    private static boolean isAtEnd(Run run, String text, Object with, String name) {
        if (!(with instanceof String part)) {
            throw run.error(name + ": a text is expected, not " + Values.type(with));
        }
        run.work(Math.min(part.length(), text.length()));
        return name.equals("startswith") ? text.startsWith(part) : text.endsWith(part);
    }

    static String cased(Run run, String text, String name) {
        run.work(2L * text.length());
        return switch (name) {
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "capitalize" -> capitalized(text);
            default -> {
                StringBuilder title = new StringBuilder();
                int from = 0;
                for (int i = 0; i <= text.length(); i++) {
                    if (i == text.length() || !Character.isLetter(text.charAt(i))) {
                        title.append(capitalized(text.substring(from, i)));
                        title.append(text, i, Math.min(i + 1, text.length()));
                        from = i + 1;
                    }
                }
                yield title.toString();
            }
        };
    }

    static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return Character.toString(Character.toTitleCase(text.codePointAt(0)))
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    /** @param chars a text of the characters that go, or none for white space */
    static String stripped(Run run, String text, Object chars, boolean left, boolean right) {
        if (!(chars instanceof String) && chars != None.NONE) {
            throw run.error("strip: a text is expected, not " + Values.type(chars));
        }
        run.made(text);
        IntPredicate goes = Strings::isSpace;
        if (chars instanceof String some) {
            run.work((long) text.length() * (1 + some.length() / 16));
            goes = c -> some.indexOf(c) >= 0;
        }
        int from = 0;
        int to = text.length();
        while (left && from < to && goes.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && goes.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static List<Object> parts(Run run, String text, String separator, int most, boolean fromRight) {
        if (separator.isEmpty()) {
            throw run.error("split: the separator is empty");
        }
        run.searched(text, separator);
        List<Object> parts = new ArrayList<>();
        if (fromRight) {
            int to = text.length();
            for (int at = text.lastIndexOf(separator); at >= 0 && parts.size() != most; at = at == 0 ? -1
                    : text.lastIndexOf(separator, at - separator.length())) {
                parts.add(text.substring(at + separator.length(), to));
                to = at;
            }
            parts.add(text.substring(0, to));
            Collections.reverse(parts);
            return parts;
        }
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() != most; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static List<Object> words(Run run, String text, int most, boolean fromRight) {
        if (fromRight && most >= 0) {
            throw run.error("rsplit: a maxsplit without a separator is not supported");
        }
        List<Object> words = new ArrayList<>();
        int from = Strings.pastSpace(text, 0);
        while (from < text.length() && words.size() != most) {
            int to = from;
            while (to < text.length() && !Strings.isSpace(text.charAt(to))) {
                to++;
            }
            words.add(text.substring(from, to));
            from = Strings.pastSpace(text, to);
        }
        if (from < text.length()) {
            words.add(Strings.stripTrailing(text.substring(from)));
        }
        return words;
    }

    private static List<Object> lines(String text) {
        List<Object> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if ("\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(text.charAt(i)) >= 0) {
                lines.add(text.substring(from, i));
                i += text.startsWith("\r\n", i) ? 1 : 0;
                from = i + 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** @param most replacements; below 0 for all */
    static String replaced(Run run, String text, String old, String with, int most) {
        run.searched(text, old);
        StringBuilder made = new StringBuilder();
        int from = 0;
        int count = 0;
        for (int at = text.indexOf(old); at >= 0 && count != most; count++) {
            run.work(1L + with.length());
            made.append(text, from, at).append(with);
            from = at + old.length();
            if (old.isEmpty()) { // before every character and at the end
                if (at == text.length()) {
                    break;
                }
                int next = text.offsetByCodePoints(at, 1);
                made.append(text, at, next);
                from = next;
                at = next;
            } else {
                at = text.indexOf(old, from);
            }
        }
        return made.append(text, from, text.length()).toString();
    }

    /** Texts, with {@code between} between them. */
    static String joined(Run run, List<Object> items, String between) {
        StringBuilder all = new StringBuilder();
        String before = "";
        for (Object item : items) {
            if (!(item instanceof String text)) {
                throw run.error("join: texts are expected, not " + Values.type(item));
            }
            run.work((long) text.length() + between.length());
            all.append(before).append(text);
            before = between;
        }
        return all.toString();
    }
}
