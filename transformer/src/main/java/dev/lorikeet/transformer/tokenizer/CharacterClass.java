package dev.lorikeet.transformer.tokenizer;

/** The kinds of characters that the patterns of words tell apart, by Unicode's categories. */
final class CharacterClass {
    static final byte OTHER = 0;
    static final byte LETTER = 1;
    static final byte NUMBER = 2;
    static final byte SPACE = 3;

    private static final byte[] OF_CHARS = new byte[Character.MIN_SUPPLEMENTARY_CODE_POINT];

    static {
        for (int c = 0; c < OF_CHARS.length; c++) {
            OF_CHARS[c] = compute(c);
        }
    }

    private CharacterClass() {}

    static byte of(int character) {
        return character < OF_CHARS.length ? OF_CHARS[character] : compute(character);
    }

    private static byte compute(int c) {
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER, Character.OTHER_LETTER ->
                LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> BertCharacters.isWhitespace(c) ? SPACE : OTHER;
        };
    }

    static boolean isNumber(int character) {
        return of(character) == NUMBER;
    }

    /** {@code \w} of Unicode Technical Standard 18, annex C: what the regular expressions of Rust mean by it. */
    static boolean isWord(int c) {
        return Character.isAlphabetic(c) || c == 0x200C || c == 0x200D || switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK,
                    Character.DECIMAL_DIGIT_NUMBER, Character.CONNECTOR_PUNCTUATION ->
                true;
            default -> false;
        };
    }
}
