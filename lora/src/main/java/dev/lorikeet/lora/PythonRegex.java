package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of Python's {@code re}, as far as Java's means the same, and translated to Java's: what the two
 * read apart is refused by name, so that an adapter's file names the same layers to PEFT and to Lorikeet.
 *
 * <p>Source: CPython 3.10 to 3.14, {@code re/_parser.py}. The subject is a module's path, which is ASCII; there
 * {@code \w}, {@code \d}, {@code \s} and letters without case are the same in both.
 */
final class PythonRegex {
    /** What Python tools write for all of a large model has some 500. */
    private static final int MAX_LENGTH = 1024;
    /** Matching goes down by recursion through brackets and through characters. */
    private static final int MAX_DEPTH = 8;
    /** In letters, every repetition written out: {@code (ab){3}} is six. */
    private static final int MAX_SIZE = 2000;
    private static final int SHOWN = 60;

    private static final Pattern FLAGS = Pattern.compile("\\(\\?([A-Za-z]+)\\)");
    private static final Pattern COUNTS = Pattern.compile("\\{(\\d*)(,?)(\\d*)}");
    private static final Pattern NAME = Pattern.compile("\\?P<([A-Za-z_][A-Za-z0-9_]*)>");

    private final String regex;
    private final StringBuilder java = new StringBuilder();
    private final Set<String> names = new HashSet<>();
    private int at;
    private final String flags;
    private boolean alternatives;

    /**
     * How long something is.
     *
     * @param least the fewest characters that it is found in
     * @param most the letters that it has when every repetition is written out
     */
    private record Extent(long least, long most) {}

    private static final Extent CHARACTER = new Extent(1, 1);
    /** Between characters. */
    private static final Extent PLACE = new Extent(0, 1);

    /**
     * How often something is repeated.
     *
     * @param java in Java's words
     * @param most 1 for what has no end
     * @param many whether more than once
     */
    private record Repeat(String java, int least, int most, boolean many) {}

    /** @throws InputException naming the expression and what Java and Python do not read alike */
    PythonRegex(String regex) {
        this.regex = regex;
        if (regex.length() > MAX_LENGTH) {
            throw refused(regex.length() + " characters are more than the " + MAX_LENGTH + " that are read");
        }
        if (!regex.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw refused("only the printable characters of ASCII are read, as paths have them");
        }
        flags = leadingFlags();
        alternatives(0);
        if (at < regex.length()) {
            throw refused("a bracket is closed that was not opened");
        }
    }

    /** The same expression for {@link Pattern}, without flags and groups that capture. */
    String java() {
        return java.toString();
    }

    /** For {@link Pattern#compile(String, int)}. */
    int flags() {
        return flags.contains("i") ? Pattern.CASE_INSENSITIVE : 0;
    }

    /** Refuses flags where the expression is put behind something, so that they do not stand at the start. */
    void requireNoFlags() {
        if (!flags.isEmpty()) {
            throw refused("flags are read at the start of an expression for whole paths alone");
        }
    }

    /** Refuses {@code a|b} that no bracket holds together, where the expression is put into a longer one as it is. */
    void requireOneBranch() {
        if (alternatives) {
            throw refused("what stands around it would belong to one side of | alone; put brackets around it");
        }
    }

    /** Refuses a group of this name, which a longer expression has already. */
    void requireFree(String name) {
        if (names.contains(name)) {
            throw refused("the group " + name + " is PEFT's own");
        }
    }

    /** Of those that are read, m and s change nothing: a path is one line. */
    private String leadingFlags() {
        Matcher start = FLAGS.matcher(regex);
        if (!start.lookingAt()) {
            return "";
        }
        at = start.end();
        if (!start.group(1).matches("[ims]+")) {
            throw refused("of flags i, m and s are read, not " + start.group());
        }
        return start.group(1);
    }

    /** Up to a bracket that closes, or to the end. */
    private Extent alternatives(int depth) {
        Extent all = sequence(depth);
        while (accept("|")) {
            alternatives |= depth == 0;
            java.append('|');
            Extent branch = sequence(depth);
            all = new Extent(Math.min(all.least, branch.least), all.most + branch.most);
        }
        return all;
    }

    private Extent sequence(int depth) {
        Extent all = new Extent(0, 0);
        while (at < regex.length() && peek() != '|' && peek() != ')') {
            int from = at;
            if (repeat() != null) {
                throw refused("there is nothing to repeat before " + shortened(from));
            }
            Extent atom = atom(depth);
            String repeated = regex.substring(from, at);
            Repeat repeat = repeat();
            if (repeat != null) {
                requireRepeatable(atom, repeat, repeated);
                java.append(repeat.java);
                atom = new Extent(atom.least * repeat.least, atom.most * Math.max(1, repeat.most));
            }
            all = new Extent(all.least + atom.least, all.most + Math.max(1, atom.most));
            if (all.most > MAX_SIZE) {
                throw refused("it repeats too much: written out it would have over " + MAX_SIZE + " letters");
            }
        }
        return all;
    }

    private void requireRepeatable(Extent atom, Repeat repeat, String repeated) {
        if (atom == PLACE || atom.least == 0 && repeat.many) {
            throw refused("what may be empty is not repeated: " + repeated);
        }
        if (repeat() != null) {
            throw refused("one repetition after another, or a possessive one, is not read");
        }
    }

    private Extent atom(int depth) {
        char c = regex.charAt(at++);
        switch (c) {
            case '(' -> {
                return group(depth + 1);
            }
            case '[' -> set();
            case '\\' -> {
                return escape();
            }
            case '.' -> java.append(c);
            case '^', '$' -> {
                java.append(c);
                return PLACE;
            }
            default -> literal(c);
        }
        return CHARACTER;
    }

    private Extent group(int depth) {
        if (depth > MAX_DEPTH) {
            throw refused("brackets are nested more than " + MAX_DEPTH + " deep");
        }
        boolean ahead = false;
        Matcher name = NAME.matcher(regex).region(at, regex.length());
        if (name.lookingAt()) {
            at = name.end();
            if (!names.add(name.group(1))) {
                throw refused("two groups have the name " + name.group(1));
            }
        } else if (accept("?=") || accept("?!")) {
            ahead = true;
        } else if (peek() == '?' && !accept("?:")) {
            throw refused("of brackets with a question mark (?P<name>…), (?:…), (?=…) and (?!…) are read, not ("
                    + shortened(at));
        }
        java.append('(').append(ahead ? regex.substring(at - 2, at) : "?:");
        Extent inside = alternatives(depth);
        if (!accept(")")) {
            throw refused("a bracket is not closed");
        }
        java.append(')');
        return ahead ? PLACE : inside;
    }

    private @Nullable Repeat repeat() {
        Repeat repeat = switch (peek()) {
            case '*' -> new Repeat(regex.substring(at, ++at), 0, 1, true);
            case '+' -> new Repeat(regex.substring(at, ++at), 1, 1, true);
            case '?' -> new Repeat(regex.substring(at, ++at), 0, 1, false);
            case '{' -> counted();
            default -> null;
        };
        return repeat != null && accept("?")
                ? new Repeat(repeat.java + "?", repeat.least, repeat.most, repeat.many)
                : repeat;
    }

    /** What has not the form of a count is a letter to Python. */
    private @Nullable Repeat counted() {
        Matcher counts = COUNTS.matcher(regex).region(at, regex.length());
        if (!counts.lookingAt() || counts.end() - at == 2) {
            return null;
        }
        at = counts.end();
        int least = count(counts.group(1), 0);
        int most = counts.group(2).isEmpty() ? least : count(counts.group(3), least);
        if (most < least) {
            throw refused("at least " + least + " times is more than at most " + most);
        }
        boolean open = !counts.group(2).isEmpty() && counts.group(3).isEmpty();
        return new Repeat("{" + least + (open ? ",}" : "," + most + "}"), least, most,
                open || most > 1);
    }

    private int count(String digits, int whenEmpty) {
        if (digits.length() > 4) {
            throw refused("it repeats too much: " + shortened(at));
        }
        return digits.isEmpty() ? whenEmpty : Integer.parseInt(digits);
    }

    private Extent escape() {
        char c = escaped();
        switch (c) {
            case 'd', 'D', 'w', 'W', 's', 'S' -> java.append('\\').append(c);
            case 'b', 'B', 'A', 'Z' -> {
                java.append('\\').append(c == 'Z' ? 'z' : c); // Java's \Z is before a last line break, too
                return PLACE;
            }
            default -> literal(sign(c));
        }
        return CHARACTER;
    }

    private void set() {
        java.append(accept("^") ? "[^" : "[");
        for (int first = at; at >= regex.length() || peek() != ']' || at == first;) {
            int low = member();
            if (peek() == '-' && !regex.startsWith("-]", at)) {
                range(low);
            } else if (low >= 0) {
                literal((char) low);
            }
        }
        at++;
        java.append(']');
    }

    private void range(int low) {
        at++;
        int high = member();
        if (low < 0 || high < low) {
            throw refused("a range goes from one character to a later one, unlike that before " + shortened(at));
        }
        literal((char) low);
        java.append('-');
        literal((char) high);
    }

    /** The next character of a set, or −1 for several of them, which are written already. */
    private int member() {
        if (at >= regex.length()) {
            throw refused("a set of characters is not closed");
        }
        char c = regex.charAt(at++);
        if (c == '\\') {
            char escaped = escaped();
            if ("dDwWsS".indexOf(escaped) >= 0) {
                java.append('\\').append(escaped);
                return -1;
            }
            return sign(escaped);
        }
        if (c == '[' || "&|~-".indexOf(c) >= 0 && peek() == c) {
            throw refused("within a set of characters " + (c == '[' ? "[" : "" + c + c)
                    + " means one thing in Java and another in Python; put \\ before it");
        }
        return c;
    }

    private char escaped() {
        if (at >= regex.length()) {
            throw refused("there is nothing after the last \\");
        }
        return regex.charAt(at++);
    }

    /** Every sign may have a backslash before it; a letter or digit then means what only some languages know. */
    private char sign(char escaped) {
        if (Character.isLetterOrDigit(escaped)) {
            throw refused("\\" + escaped + " is not among what Java and Python read alike: \\d, \\w, \\s, their "
                    + "capitals, and outside sets \\b, \\B, \\A, \\Z");
        }
        return escaped;
    }

    private void literal(char c) {
        java.append(Character.isLetterOrDigit(c) ? "" : "\\").append(c);
    }

    /** The next character, or 0 at the end. */
    private char peek() {
        return at < regex.length() ? regex.charAt(at) : 0;
    }

    private boolean accept(String text) {
        boolean there = regex.startsWith(text, at);
        at += there ? text.length() : 0;
        return there;
    }

    private String shortened(int from) {
        return from + SHOWN < regex.length() ? regex.substring(from, from + SHOWN) + "…" : regex.substring(from);
    }

    private InputException refused(String rule) {
        return new InputException("\"" + shortened(0) + "\" is not a regular expression that is read: " + rule);
    }
}
