package dev.lorikeet.transformer.constraint;

import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that a whole text matches: what Java and Python read alike of letters, classes, groups,
 * alternatives and counts. What looks around or back has no automaton, and is refused by its place. {@code \d}, {@code
 * \w} and {@code \s} are those of ASCII; a dot is any character but a line break.
 */
final class RegularExpression {
    private static final int DEEPEST = 64;
    private static final int MOST_TIMES = 1000;
    private static final CharacterSet DIGITS = CharacterSet.of('0', '9');
    private static final CharacterSet LETTERS = CharacterSet.union(List.of(DIGITS, CharacterSet.of('a', 'z'),
            CharacterSet.of('A', 'Z'), CharacterSet.of('_')));
    private static final CharacterSet SPACES = CharacterSet.union(List.of(CharacterSet.of('\t', '\r'),
            CharacterSet.of(' ')));
    private static final CharacterSet DOT = CharacterSet.of('\n').others();

    private final int[] text;
    private int at;
    private int depth;

    private RegularExpression(String expression) {
        text = expression.codePoints().toArray();
    }

    /** @throws InputException if it is not understood */
    static Node parse(String expression) {
        RegularExpression parser = new RegularExpression(expression);
        if (parser.next('^')) {
            parser.at++;
        }
        Node node = parser.alternatives();
        if (parser.at < parser.text.length) {
            throw parser.error("a bracket is closed that was not opened");
        }
        return node;
    }

    private Node alternatives() {
        List<Node> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (take('|'));
        return options.size() == 1 ? options.getFirst() : new Node.Choice(options);
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (at < text.length && text[at] != '|' && text[at] != ')') {
            if (text[at] == '$' && at == text.length - 1) { // it is the whole text anyway
                at++;
            } else {
                parts.add(counted(part()));
            }
        }
        return new Node.Sequence(parts);
    }

    private Node counted(Node part) {
        Node.Repeat repeat = repeat(part);
        if (repeat == null) {
            return part;
        }
        if (next('?') || next('+') || next('*') || next('{')) {
            throw error("a count behind a count is not supported");
        }
        return repeat;
    }

    private Node.@Nullable Repeat repeat(Node part) {
        if (take('*')) {
            return new Node.Repeat(part, 0, Node.ENDLESS);
        }
        if (take('+')) {
            return new Node.Repeat(part, 1, Node.ENDLESS);
        }
        if (take('?')) {
            return new Node.Repeat(part, 0, 1);
        }
        if (!take('{')) {
            return null;
        }
        int least = number();
        int most = least;
        if (take(',')) {
            most = next('}') ? Node.ENDLESS : number();
        }
        if (!take('}') || most < least) {
            throw error("a count is {n}, {n,} or {n,m}");
        }
        return new Node.Repeat(part, least, most);
    }

    private int number() {
        int from = at;
        int number = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9' && number <= MOST_TIMES) {
            number = 10 * number + text[at++] - '0';
        }
        if (at == from || number > MOST_TIMES) {
            throw error("a number of at most " + MOST_TIMES + " is expected");
        }
        return number;
    }

    private Node part() {
        int c = text[at++];
        return switch (c) {
            case '(' -> group();
            case '[' -> set().node();
            case '.' -> DOT.node();
            case '\\' -> escape().node();
            case '*', '+', '?', '{' -> throw error("there is nothing to count");
            case '^', '$' -> throw error("begins and ends within a text are not supported");
            default -> CharacterSet.of(character(c)).node();
        };
    }

    private Node group() {
        if (take('?') && !take(':')) {
            throw error("a group with ? is (?:…), others are not supported");
        }
        if (++depth > DEEPEST) {
            throw error("groups are nested more than " + DEEPEST + " deep");
        }
        Node node = alternatives();
        if (!take(')')) {
            throw error("a bracket is not closed");
        }
        depth--;
        return node;
    }

    private CharacterSet set() {
        boolean others = take('^');
        List<CharacterSet> sets = new ArrayList<>();
        boolean first = true;
        while (first || !next(']')) {
            if (at >= text.length) {
                throw error("a class is not closed");
            }
            if (next('[') || next('&') && at + 1 < text.length && text[at + 1] == '&') {
                throw error("classes within classes are not supported, a bracket is \\[");
            }
            sets.add(range());
            first = false;
        }
        at++;
        CharacterSet set = CharacterSet.union(sets);
        CharacterSet meant = others ? set.others() : set;
        if (meant.isEmpty()) {
            throw error("no character is in the class");
        }
        return meant;
    }

    private CharacterSet range() {
        CharacterSet from = item();
        if (!next('-') || at + 1 >= text.length || text[at + 1] == ']') {
            return from;
        }
        at++;
        CharacterSet to = item();
        if (!isOne(from) || !isOne(to) || from.ranges().getFirst().first() > to.ranges().getFirst().last()) {
            throw error("a range goes from a character to a later one");
        }
        return CharacterSet.of(from.ranges().getFirst().first(), to.ranges().getFirst().last());
    }

    private static boolean isOne(CharacterSet set) {
        return set.ranges().size() == 1 && set.ranges().getFirst().first() == set.ranges().getFirst().last();
    }

    private CharacterSet item() {
        int c = text[at++];
        return c == '\\' ? escape() : CharacterSet.of(character(c));
    }

    private CharacterSet escape() {
        if (at >= text.length) {
            throw error("a backslash at the end");
        }
        int c = text[at++];
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.others();
            case 'w' -> LETTERS;
            case 'W' -> LETTERS.others();
            case 's' -> SPACES;
            case 'S' -> SPACES.others();
            case 'n' -> CharacterSet.of('\n');
            case 'r' -> CharacterSet.of('\r');
            case 't' -> CharacterSet.of('\t');
            case 'f' -> CharacterSet.of('\f');
            case 'x' -> CharacterSet.of(hex(2));
            case 'u' -> CharacterSet.of(character(hex(4)));
            default -> {
                if (c >= 128 || Character.isLetterOrDigit(c)) {
                    throw error("the escape \\" + Character.toString(c) + " is not supported");
                }
                yield CharacterSet.of(c);
            }
        };
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length && text[at] < 128 ? Character.digit(text[at], 16) : -1;
            if (digit < 0) {
                throw error(digits + " hexadecimal digits are expected");
            }
            value = 16 * value + digit;
            at++;
        }
        return value;
    }

    private int character(int c) {
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw error("half a surrogate pair is no character");
        }
        return c;
    }

    private boolean next(int c) {
        return at < text.length && text[at] == c;
    }

    private boolean take(int c) {
        if (next(c)) {
            at++;
            return true;
        }
        return false;
    }

    private InputException error(String rule) {
        return new InputException("regular expression: character " + at + ": " + rule);
    }
}
