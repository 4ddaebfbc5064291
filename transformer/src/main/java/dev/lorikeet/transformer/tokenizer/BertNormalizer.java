package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.Locale;
import java.util.Set;

/**
 * {@code BertNormalizer}: drops control characters, puts spaces around Chinese characters, strips accents, lowers case,
 * each where the file asks for it, in this order.
 */
record BertNormalizer(boolean cleanText, boolean handleChineseChars, boolean stripAccents,
        boolean lowercase) implements Normalizer {
    private static final Set<String> FIELDS = Set.of("type", "clean_text", "handle_chinese_chars", "strip_accents",
            "lowercase");

    static BertNormalizer of(JsonObject normalizer) {
        normalizer.allowOnly(FIELDS);
        boolean lowercase = normalizer.flag("lowercase");
        return new BertNormalizer(normalizer.flag("clean_text"), normalizer.flag("handle_chinese_chars"),
                normalizer.flag("strip_accents", lowercase), lowercase); // null: as lower case
    }

    @Override
    public NormalizedString normalize(NormalizedString text) {
        return isPrintableAscii(text.text())
                ? lowercase ? text.withText(text.text().toLowerCase(Locale.ROOT)) : text
                : normalizeAny(text);
    }

    /** Whether only case can change, as in most texts. */
    private static boolean isPrintableAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private NormalizedString normalizeAny(NormalizedString text) {
        NormalizedString normal = text;
        if (cleanText) {
            normal = Normalizer.map(Normalizer.filter(normal, c -> !BertCharacters.isDropped(c)),
                    c -> BertCharacters.isWhitespace(c) ? ' ' : c);
        }
        if (handleChineseChars && normal.text().codePoints().anyMatch(BertCharacters::isChinese)) {
            normal = spaceChinese(normal);
        }
        if (stripAccents) {
            normal = Normalizer.filter(UnicodeForm.NFD.normalize(normal), c -> !BertCharacters.isAccent(c));
        }
        return lowercase ? Normalizer.lowercase(normal) : normal;
    }

    private static NormalizedString spaceChinese(NormalizedString text) {
        NormalizedString.Rewriting spaced = text.rewrite();
        text.text().codePoints().forEach(c -> {
            if (BertCharacters.isChinese(c)) {
                spaced.put(' ', 0).put(c, 1).put(' ', 1);
            } else {
                spaced.put(c, 0);
            }
        });
        return spaced.done();
    }
}
