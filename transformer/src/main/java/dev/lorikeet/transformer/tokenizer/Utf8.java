package dev.lorikeet.transformer.tokenizer;

/** UTF-8 that may be broken, as the bytes of single tokens are. */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /**
     * The characters of bytes. Where they are none, U+FFFD stands for as many as could have been the beginning of one:
     * the practice that Unicode recommends (chapter 3.9), and Rust follows where the JDK does not.
     */
    static String decode(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (int i = 0; i < bytes.length;) {
            int length = length(bytes[i] & 0xFF);
            int end = i + 1;
            while (end < bytes.length && end < i + length && continues(bytes, i, end)) {
                end++;
            }
            if (length > 0 && end == i + length) {
                text.appendCodePoint(codePoint(bytes, i, length));
            } else {
                text.append(REPLACEMENT);
            }
            i = end;
        }
        return text.toString();
    }

    /** How many bytes a character has that begins so; 0 where none does. */
    private static int length(int first) {
        return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    }

    /** Whether the byte at {@code i} can go on with a character that begins at {@code start}. */
    private static boolean continues(byte[] bytes, int start, int i) {
        int b = bytes[i] & 0xFF;
        if (i > start + 1) {
            return b >= 0x80 && b <= 0xBF;
        }
        int least = switch (bytes[start] & 0xFF) {
            case 0xE0 -> 0xA0;
            case 0xF0 -> 0x90;
            default -> 0x80;
        };
        int most = switch (bytes[start] & 0xFF) {
            case 0xED -> 0x9F;
            case 0xF4 -> 0x8F;
            default -> 0xBF;
        };
        return b >= least && b <= most;
    }

    private static int codePoint(byte[] bytes, int start, int length) {
        int codePoint = length == 1 ? bytes[start] : bytes[start] & 0x7F >> length;
        for (int i = 1; i < length; i++) {
            codePoint = codePoint << 6 | bytes[start + i] & 0x3F;
        }
        return codePoint;
    }
}
