package dev.lorikeet.transformer.io;

/**
 * Text of users and files as it may stand in one line, on a terminal or in a page: what a terminal obeys instead of
 * showing it, or shows elsewhere than it stands, is written as JSON writes it, for example {@code \u001b}.
 */
public final class Printable {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    private Printable() {}

    /**
     * The text with escapes for control characters, ends of lines, changes of direction, halves of surrogate pairs and
     * what cannot be seen, but for the joiners between letters.
     */
    public static String of(String text) {
        if (text.codePoints().noneMatch(Printable::isEscaped)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\r' -> shown.append("\\r");
                case '\n' -> shown.append("\\n");
                case '\t' -> shown.append("\\t");
                default -> {
                    if (isEscaped(c)) {
                        for (char unit : Character.toChars(c)) {
                            shown.append(String.format("\\u%04x", (int) unit));
                        }
                    } else {
                        shown.appendCodePoint(c);
                    }
                }
            }
        });
        return shown.toString();
    }

    /**
     * As {@link #of}, with {@code …} in place of what is too much in the middle.
     *
     * @param most characters, at least 3
     */
    static String of(String text, int most) {
        String whole = of(text);
        if (whole.length() <= most) {
            return whole;
        }
        int end = most / 3;
        int start = most - 1 - end;
        return whole.substring(0, Character.isHighSurrogate(whole.charAt(start - 1)) ? start - 1 : start) + "…"
                + whole.substring(Character.isLowSurrogate(whole.charAt(whole.length() - end))
                        ? whole.length() - end + 1
                        : whole.length() - end);
    }

    private static boolean isEscaped(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            case Character.FORMAT -> c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER;
            default -> c == 0xFFFE || c == 0xFFFF; // no characters, for which XML has no place
        };
    }
}
