package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.text.Normalizer;
import java.util.Set;

/**
 * {@code BertNormalizer}: drops control characters, puts spaces around Chinese characters, strips accents, lowers case,
 * each where the file asks for it, in this order.
 */
record BertNormalizer(boolean cleanText, boolean handleChineseChars, boolean stripAccents, boolean lowercase) {
    private static final Set<String> FIELDS = Set.of("type", "clean_text", "handle_chinese_chars", "strip_accents",
            "lowercase");
    private static final int CAPITAL_I_WITH_DOT = 0x130;
    private static final int COMBINING_DOT = 0x307;

    static BertNormalizer of(JsonObject normalizer) {
        Tokenizer.requireType(normalizer, "BertNormalizer");
        normalizer.allowOnly(FIELDS);
        boolean lowercase = normalizer.flag("lowercase");
        return new BertNormalizer(normalizer.flag("clean_text"), normalizer.flag("handle_chinese_chars"),
                normalizer.flag("strip_accents", lowercase), lowercase); // null: as lower case
    }

    String normalize(String text) {
        StringBuilder clean = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> clean(c, clean));
        if (!stripAccents && !lowercase) {
            return clean.toString();
        }
        StringBuilder normal = new StringBuilder(clean.length());
        (stripAccents ? decompose(clean) : clean).codePoints().forEach(c -> fold(c, normal));
        return normal.toString();
    }

    /** Splits letters from their accents (NFD); characters that the library does not know stay as they are. */
    private static StringBuilder decompose(StringBuilder text) {
        StringBuilder decomposed = new StringBuilder(text.length());
        int start = 0;
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            if (BertCharacters.isNewer(c)) {
                decomposed.append(Normalizer.normalize(text.substring(start, i), Normalizer.Form.NFD));
                decomposed.appendCodePoint(c);
                start = end;
            }
            i = end;
        }
        return decomposed.append(Normalizer.normalize(text.substring(start), Normalizer.Form.NFD));
    }

    private void clean(int c, StringBuilder out) {
        if (cleanText && BertCharacters.isDropped(c)) {
            return;
        }
        if (cleanText && BertCharacters.isWhitespace(c)) {
            out.append(' ');
        } else if (handleChineseChars && BertCharacters.isChinese(c)) {
            out.append(' ').appendCodePoint(c).append(' ');
        } else {
            out.appendCodePoint(c);
        }
    }

    private void fold(int c, StringBuilder out) {
        if (stripAccents && BertCharacters.isAccent(c)) {
            return;
        }
        if (lowercase && c == CAPITAL_I_WITH_DOT) { // the one character whose lower case is two
            out.append('i').appendCodePoint(COMBINING_DOT);
        } else {
            out.appendCodePoint(lowercase ? Character.toLowerCase(c) : c);
        }
    }
}
