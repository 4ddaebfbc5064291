package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A template cut into tokens, with white space removed as transformers sets Jinja up: {@code trim_blocks} (the line
 * break behind a block or a comment), {@code lstrip_blocks} (the blanks before one that begins its line), and the signs
 * {@code -} and {@code +}.
 *
 * <p>Source: the rules of Jinja 3.1's lexer.
 */
final class Lexer {
    /** The longest first, where one begins with another. */
    private static final List<String> OPERATORS = List.of("**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%",
            "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",");

    private final Origin origin;
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;
    /** Whether what was read last ended with a line break, or there is nothing before. */
    private boolean lineStarts = true;

    private Lexer(String template, Origin origin) {
        this.origin = origin;
        String lines = template.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    static List<Token> tokens(String template, Origin origin) {
        return new Lexer(template, origin).read();
    }

    private List<Token> read() {
        while (at < source.length()) {
            int next = nextOpening();
            String text = source.substring(at, next);
            if (next == source.length()) {
                add(Kind.TEXT, text);
                at = next;
                break;
            }
            char kind = source.charAt(next + 1);
            char sign = next + 2 < source.length() ? source.charAt(next + 2) : ' ';
            boolean signed = sign == '-' || sign == '+';
            add(Kind.TEXT, sign == '-' ? Strings.stripTrailing(text)
                    : sign == '+' || kind == '{' ? text : withoutIndent(text));
            lineStarts = false;
            at = next + (signed ? 3 : 2);
            switch (kind) {
                case '#' -> comment();
                case '{' -> {
                    add(Kind.OUTPUT_BEGIN, "{{");
                    inside("}}", Kind.OUTPUT_END);
                }
                default -> {
                    if (!raw()) {
                        add(Kind.BLOCK_BEGIN, "{%");
                        inside("%}", Kind.BLOCK_END);
                    }
                }
            }
        }
        add(Kind.END, "");
        return tokens;
    }

    private int nextOpening() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    /** Without the blanks behind the last line break. */
    private String withoutIndent(String text) {
        int start = text.lastIndexOf('\n') + 1;
        return (start > 0 || lineStarts) && Strings.isBlank(text, start) ? text.substring(0, start) : text;
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw origin.error(line(), "a comment is not closed by #}");
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        at = end + 2;
        pass(sign);
    }

    /** Goes past the white space behind a tag that ended with {@code sign} and its closing. */
    private void pass(char sign) {
        if (sign == '-') {
            int from = at;
            while (at < source.length() && Strings.isSpace(source.charAt(at))) {
                at++;
            }
            lineStarts = at > from && source.charAt(at - 1) == '\n';
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
            lineStarts = true;
        }
    }

    /** Reads {@code {% raw %} … {% endraw %}}, if it stands here. */
    private boolean raw() {
        int end = word(at, "raw");
        if (end < 0) {
            return false;
        }
        boolean strips = source.startsWith("-%}", end);
        if (!strips && !source.startsWith("%}", end)) {
            return false;
        }
        at = end + (strips ? 3 : 2);
        if (strips) {
            pass('-');
        }
        for (int open = source.indexOf("{%", at); open >= 0; open = source.indexOf("{%", open + 2)) {
            char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
            int close = word(open + (sign == '-' || sign == '+' ? 3 : 2), "endraw");
            boolean signed = close >= 0 && close < source.length() && "-+".indexOf(source.charAt(close)) >= 0;
            if (close >= 0 && source.startsWith("%}", signed ? close + 1 : close)) {
                String text = source.substring(at, open);
                add(Kind.TEXT, sign == '-' ? Strings.stripTrailing(text) : sign == '+' ? text : withoutIndent(text));
                at = close + (signed ? 3 : 2);
                lineStarts = false;
                pass(signed ? source.charAt(close) : ' ');
                return true;
            }
        }
        throw origin.error(line(), "raw is not closed by endraw");
    }

    /** Where the white space behind a name ends, -1 where another stands there. */
    private int word(int from, String name) {
        int start = Strings.pastSpace(source, Math.min(from, source.length()));
        return source.startsWith(name, start) ? Strings.pastSpace(source, start + name.length()) : -1;
    }

    /** The tokens up to {@code closing}. */
    private void inside(String closing, Kind end) {
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            at = Strings.pastSpace(source, at);
            if (at >= source.length()) {
                throw origin.error(line(), "there is no " + closing + " at the end");
            }
            if (open.isEmpty()) {
                char sign = source.charAt(at);
                boolean signed = (sign == '-' || sign == '+' && end == Kind.BLOCK_END)
                        && source.startsWith(closing, at + 1);
                if (signed || source.startsWith(closing, at)) {
                    add(end, closing);
                    at += signed ? 3 : 2;
                    lineStarts = false;
                    pass(signed ? sign : end == Kind.BLOCK_END ? ' ' : '+');
                    return;
                }
            }
            char c = source.charAt(at);
            if (c == '"' || c == '\'') {
                string(c);
            } else if (isDigit(c)) {
                number();
            } else if (c == '_' || Character.isUnicodeIdentifierStart(c)) {
                int from = at;
                while (at < source.length() && (source.charAt(at) == '_'
                        || Character.isUnicodeIdentifierPart(source.charAt(at)))) {
                    at++;
                }
                add(Kind.NAME, source.substring(from, at));
            } else {
                operator(open);
            }
        }
    }

    private void operator(Deque<Character> open) {
        String operator = OPERATORS.stream().filter(name -> source.startsWith(name, at)).findFirst()
                .orElseThrow(() -> origin.error(line(), "\"" + Character.toString(source.codePointAt(at))
                        + "\" is nothing that is known"));
        char c = operator.charAt(0);
        if (operator.length() == 1 && "([{".indexOf(c) >= 0) {
            open.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (operator.length() == 1 && ")]}".indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
            throw origin.error(line(), "\"" + c + "\" closes nothing");
        }
        add(Kind.OPERATOR, operator);
        at += operator.length();
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw origin.error(line(), "a text is not closed by " + quote);
        }
        add(Kind.STRING, Strings.unescaped(source.substring(at + 1, end), rule -> origin.error(line(), rule)));
        at = end + 1;
    }

    private void number() {
        int from = at;
        boolean member = !tokens.isEmpty() && tokens.getLast().isOperator("."); // a.1.2 has no fraction
        digits();
        boolean fraction = !member && at + 1 < source.length() && source.charAt(at) == '.'
                && isDigit(source.charAt(at + 1));
        if (fraction) {
            at++;
            digits();
        }
        if (!member && source.substring(at, Math.min(at + 3, source.length())).matches("[eE]([+-]?[0-9]).?")) {
            fraction = true;
            at += 2;
            digits();
        }
        if (at < source.length()
                && (source.charAt(at) == '_' || Character.isUnicodeIdentifierPart(source.charAt(at)))) {
            throw origin.error(line(), "numbers have digits alone, and one point");
        }
        add(fraction ? Kind.FLOAT : Kind.INTEGER, source.substring(from, at));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void digits() {
        while (at < source.length() && isDigit(source.charAt(at))) {
            at++;
        }
    }

    private void add(Kind kind, String text) {
        if (kind != Kind.TEXT || !text.isEmpty()) {
            tokens.add(new Token(kind, text, line()));
        }
    }

    /** That of the place that is read. */
    private int line() {
        for (; counted < at; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }
}
