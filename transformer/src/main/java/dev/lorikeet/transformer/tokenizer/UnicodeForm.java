package dev.lorikeet.transformer.tokenizer;

import java.text.Normalizer.Form;
import java.util.Arrays;

/**
 * The normal forms of Unicode, in the Unicode of Hugging Face's library: characters that it does not know stay as they
 * are.
 */
enum UnicodeForm implements Normalizer {
    NFC(Form.NFC, Form.NFD), NFD(Form.NFD, Form.NFD), NFKC(Form.NFKC, Form.NFKD), NFKD(Form.NFKD, Form.NFKD);

    /**
     * Where the marks and the characters with a decomposition are that the library does not know: its tables are of
     * Unicode 9. From each even place to before the next; what else is in a range has neither. Found by asking it for
     * every character.
     */
    private static final int[] NEWER = {0x7FD, 0x7FE, 0x897, 0x8D4, 0x9FE, 0x9FF, 0xAFA, 0xB00, 0xB55, 0xB56, 0xC04,
        0xC3D, 0xCF3, 0xD01, 0xD3B,
        0xD3D, 0xD81, 0xD82, 0xEBA, 0xEBB, 0xECE, 0xECF, 0x1715, 0x1716, 0x180F, 0x1810, 0x1ABF, 0x1ACF, 0x1CF7,
        0x1CF8, 0x1DF6, 0x1DFB, 0x32FF, 0x3300, 0xA7F2, 0xA7F5, 0xA82C, 0xA82D, 0xA8FF, 0xA900, 0xAB69, 0xAB6A,
        0x105C9, 0x107BB, 0x10D24, 0x10F86, 0x11070, 0x11075, 0x110C2, 0x110C3, 0x11145, 0x11147, 0x111C9,
        0x111CA, 0x111CE, 0x111D0, 0x11241, 0x11242, 0x1133B, 0x1133C, 0x11383, 0x113E3, 0x1145E, 0x1145F,
        0x1182C, 0x11A9A, 0x11D31, 0x16130, 0x16D68, 0x16F50, 0x16F7F, 0x16F88, 0x16FE4, 0x16FF2, 0x1CCD6,
        0x1CF47, 0x1E030, 0x1E5F0, 0x1F16C, 0x1F16D, 0x1FBF0, 0x1FBFA};

    private final Form form;
    private final Form decomposition;

    UnicodeForm(Form form, Form decomposition) {
        this.form = form;
        this.decomposition = decomposition;
    }

    @Override
    public NormalizedString normalize(NormalizedString text) {
        String chars = text.text();
        if (java.text.Normalizer.isNormalized(chars, form)) {
            return text;
        }
        NormalizedString.Rewriting normal = text.rewrite();
        int start = 0;
        for (int i = 0; i < chars.length();) {
            int c = chars.codePointAt(i);
            int end = i + Character.charCount(c);
            if (isNewer(c)) {
                new Part(chars.substring(start, i)).write(normal);
                normal.put(c, 0);
                start = end;
            }
            i = end;
        }
        new Part(chars.substring(start)).write(normal);
        return normal.done();
    }

    private static boolean isNewer(int c) {
        return BertCharacters.isIn(NEWER, c);
    }

    /** Marks of all kinds, of accents, of vowels, around a character. */
    static boolean isMark(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> !isNewer(c);
            default -> c == 0x1CF2 || c == 0x1CF3; // letters since Unicode 10
        };
    }

    /**
     * A part of a text. The library decomposes it character by character, where what comes first of a character is in
     * its place and the rest is inserted; then it sorts the marks, and composes again, where what is composed takes the
     * place of its parts. The JDK gives the results alone, from which the steps follow: marks of equal code points keep
     * their order.
     */
    private final class Part {
        private final int[] wanted; // the result
        private final int[] parts; // all decomposed, each character by itself
        private final int[] changes; // of each part 0 in the place of a character, 1 inserted
        private int first; // all parts before it are used
        private final boolean[] used;

        private Part(String text) {
            wanted = java.text.Normalizer.normalize(text, form).codePoints().toArray();
            int[][] each = text.codePoints().mapToObj(c -> decompose(c)).toArray(int[][]::new);
            parts = Arrays.stream(each).flatMapToInt(Arrays::stream).toArray();
            changes = Arrays.stream(each).flatMapToInt(one -> Arrays.stream(one).map(_ -> 1)).toArray();
            int at = 0;
            for (int[] one : each) {
                changes[at] = 0;
                at += one.length;
            }
            used = new boolean[parts.length];
        }

        private int[] decompose(int character) {
            return java.text.Normalizer.normalize(Character.toString(character), decomposition).codePoints().toArray();
        }

        private void write(NormalizedString.Rewriting normal) {
            for (int character : wanted) {
                int change = 1;
                for (int part : decompose(character)) {
                    change += use(part) - 1;
                }
                normal.put(character, change);
            }
        }

        /** Takes the next part of a code point; gives its change. */
        private int use(int codePoint) {
            int i = first;
            while (used[i] || parts[i] != codePoint) {
                i++;
            }
            used[i] = true;
            while (first < used.length && used[first]) {
                first++;
            }
            return changes[i];
        }
    }
}
