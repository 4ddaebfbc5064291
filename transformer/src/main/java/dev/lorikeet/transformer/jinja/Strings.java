package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.io.InputException;
import java.util.function.Function;

/** Characters and literals as Python has them. */
final class Strings {
    private Strings() {}

    /** As {@code str.isspace}. */
    static boolean isSpace(int c) {
        return c >= 0x1C && c <= 0x20 || c >= 0x09 && c <= 0x0D || c == 0x85 || Character.isSpaceChar(c);
    }

    static boolean isBlank(String text, int from) {
        return pastSpace(text, from) == text.length();
    }

    /** The first place from {@code from} on that is no white space. */
    static int pastSpace(String text, int from) {
        int at = from;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** How many characters; half a pair is one by itself. */
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** What a text between quotes means. */
    static String unescaped(String literal, Function<String, InputException> error) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            c = literal.charAt(++i); // the lexer takes two
            switch (c) {
                case '\n' -> {
                }
                case '\\', '\'', '"' -> text.append(c);
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'a' -> text.append('\u0007');
                case 'v' -> text.append('\u000b');
                case 'x', 'u', 'U' -> {
                    int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
                    text.appendCodePoint(hexadecimal(literal, i + 1, digits, error));
                    i += digits;
                }
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    int end = i;
                    while (end < literal.length() && end < i + 3 && "01234567".indexOf(literal.charAt(end)) >= 0) {
                        end++;
                    }
                    text.append((char) Integer.parseInt(literal, i, end, 8));
                    i = end - 1;
                }
                case 'N' -> throw error.apply("\\N, a character by its name, is not supported");
                default -> text.append('\\').append(c);
            }
        }
        return text.toString();
    }

    private static int hexadecimal(String literal, int from, int digits, Function<String, InputException> error) {
        String number = literal.substring(from, Math.min(literal.length(), from + digits));
        if (number.length() < digits || !number.matches("[0-9A-Fa-f]+")
                || Long.parseLong(number, 16) > Character.MAX_CODE_POINT) {
            throw error.apply("\"\\" + literal.substring(from - 1, Math.min(literal.length(), from + digits))
                    + "\" is no character");
        }
        return Integer.parseInt(number, 16);
    }
}
