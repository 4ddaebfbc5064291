package dev.lorikeet.transformer.tokenizer;

import java.util.Arrays;

/**
 * A visible character for each byte, by which byte-level vocabularies spell UTF-8: bytes that are printable in Latin-1
 * stand for themselves, the others for the characters from U+0100 on (Radford et al. 2019).
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[512];

    static {
        Arrays.fill(BYTES, (short) -1);
        char next = 256;
        for (char b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b != 0xAD;
            CHARACTERS[b] = printable ? b : next++;
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /** The character of a byte, 0 to 255. */
    static char character(int b) {
        return CHARACTERS[b];
    }

    /** The byte of a character, -1 where it stands for none. */
    static int byteOf(char c) {
        return c < BYTES.length ? BYTES[c] : -1;
    }

    /** How many bytes a character has in UTF-8. */
    static int length(int character) {
        return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }

    /** A byte of a character in UTF-8, from 0 to its length less 1. */
    static int byteAt(int character, int index, int length) {
        if (length == 1) {
            return character;
        }
        int bits = character >> 6 * (length - 1 - index);
        return index == 0 ? 0xF00 >> length & 0xFF | bits : 0x80 | bits & 0x3F;
    }

    /** The bytes of {@code text} from {@code from} to {@code to}, spelled. */
    static String spell(String text, int from, int to) {
        StringBuilder spelled = new StringBuilder(to - from + 8);
        for (int i = from; i < to;) {
            int c = text.codePointAt(i);
            int length = length(c);
            for (int b = 0; b < length; b++) {
                spelled.append(CHARACTERS[byteAt(c, b, length)]);
            }
            i += Character.charCount(c);
        }
        return spelled.toString();
    }
}
