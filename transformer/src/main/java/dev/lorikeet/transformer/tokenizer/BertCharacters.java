package dev.lorikeet.transformer.tokenizer;

import java.util.Arrays;

/** The kinds of characters that BERT's tokenizer tells apart, in the Unicode of Hugging Face's library. */
final class BertCharacters {
    private static final int REPLACEMENT = 0xFFFD;

    /**
     * Where the characters are that the library does not know: its tables are of Unicode 8, where they had no category
     * and no decomposition. A range begins at each even place and ends before the next; characters in it that are
     * older have neither either, so that the ranges could be joined. Found by asking the library for every character.
     */
    private static final int[] NEWER = {0x61D, 0x61E, 0x7FD, 0x7FE, 0x890, 0x8E3, 0x9FD, 0x9FF, 0xA76, 0xA77, 0xAFA,
        0xB00, 0xB55, 0xB56, 0xC04, 0xC3D, 0xC77, 0xC78, 0xC84, 0xC85, 0xD00, 0xD01, 0xD3B, 0xD3D, 0xD81, 0xD82,
        0xEBA, 0xEBB, 0xECE, 0xECF, 0x180F, 0x1887, 0x1ABF, 0x1ACF, 0x1B4E, 0x1B50, 0x1B7D, 0x1B80, 0x1DF6, 0x1DFC,
        0x2E43, 0x2E5E, 0xA82C, 0xA82D, 0xA8C5, 0xA8C6, 0xA8FF, 0xA900, 0xA9BD, 0xA9BE, 0x105C9, 0x105E5, 0x10D24,
        0x10F8A, 0x11070, 0x11075, 0x110C2, 0x110CE, 0x111CF, 0x111D0, 0x1123E, 0x11242, 0x1133B, 0x1133C, 0x11383,
        0x1145F, 0x11660, 0x1166D, 0x116B9, 0x116BA, 0x1182F, 0x12000, 0x12FF1, 0x16130, 0x16D68, 0x16F50, 0x16FE2,
        0x16FE5, 0x1CF00, 0x1CF47, 0x1E000, 0x1E600, 0x1E944, 0x1E960};

    private BertCharacters() {}

    /** Whether the library has neither a category nor a decomposition for a character. */
    static boolean isNewer(int c) {
        return isIn(NEWER, c);
    }

    /** Whether a character is in one of some ranges, each from an even place to before the next. */
    static boolean isIn(int[] ranges, int c) {
        int index = Arrays.binarySearch(ranges, c);
        return (index >= 0 ? index : -index) % 2 == 0; // not found: -index is one more than the place to insert at
    }

    private static int category(int c) {
        return switch (c) {
            case 0x166D, 0x111C9 -> Character.OTHER_PUNCTUATION; // changed since Unicode 8, as the next two
            case 0x1734, 0x1171E -> Character.NON_SPACING_MARK;
            default -> isNewer(c) ? Character.UNASSIGNED : Character.getType(c);
        };
    }

    /** Unicode's White_Space. */
    static boolean isWhitespace(int c) {
        return switch (c) {
            case ' ', '\t', '\n', 0x0B, '\f', '\r', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> c >= 0x2000 && c <= 0x200A;
        };
    }

    /** What cleaning drops: controls, formats, private use, unpaired surrogates, the replacement character. */
    static boolean isDropped(int c) {
        if (c == '\t' || c == '\n' || c == '\r') {
            return false;
        }
        return c == REPLACEMENT || switch (category(c)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
            default -> false;
        };
    }

    static boolean isAccent(int c) {
        return category(c) == Character.NON_SPACING_MARK;
    }

    /** ASCII's punctuation, which includes symbols such as $ and ^, and all that Unicode calls punctuation. */
    static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        return switch (category(c)) {
            case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION ->
                true;
            default -> false;
        };
    }

    /** The blocks of CJK ideographs that BERT's authors listed; the sixth begins at 2B920 in Hugging Face's list. */
    static boolean isChinese(int c) {
        return c >= 0x4E00 && c <= 0x9FFF || c >= 0x3400 && c <= 0x4DBF || c >= 0x20000 && c <= 0x2A6DF
                || c >= 0x2A700 && c <= 0x2B73F || c >= 0x2B740 && c <= 0x2B81F || c >= 0x2B920 && c <= 0x2CEAF
                || c >= 0xF900 && c <= 0xFAFF || c >= 0x2F800 && c <= 0x2FA1F;
    }
}
