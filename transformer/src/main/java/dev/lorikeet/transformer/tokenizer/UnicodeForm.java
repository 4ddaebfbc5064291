package dev.lorikeet.transformer.tokenizer;

import java.text.Normalizer.Form;
import java.util.Arrays;

/**
 * The normal forms of Unicode, in the Unicode of Hugging Face's library: characters that it does not know stay as they
 * are.
 */
enum UnicodeForm implements Normalizer {
    NFC(Form.NFC, Form.NFD), NFD(Form.NFD, Form.NFD), NFKC(Form.NFKC, Form.NFKD), NFKD(Form.NFKD, Form.NFKD);

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
            if (BertCharacters.isNewer(c)) {
                new Part(chars.substring(start, i)).write(normal);
                normal.put(c, 0);
                start = end;
            }
            i = end;
        }
        new Part(chars.substring(start)).write(normal);
        return normal.done();
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
