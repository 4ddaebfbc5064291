package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/** What is done to a text before it is cut into words. */
@FunctionalInterface
interface Normalizer {
    int CAPITAL_I_WITH_DOT = 0x130;
    int COMBINING_DOT = 0x307;

    NormalizedString normalize(NormalizedString text);

    /** The normalizer of a file. */
    static Normalizer of(JsonObject json) {
        String type = json.string("type");
        Set<String> fields = switch (type) {
            case "Sequence" -> Set.of("type", "normalizers");
            case "Strip" -> Set.of("type", "strip_left", "strip_right");
            case "Replace" -> Set.of("type", "pattern", "content");
            case "Prepend" -> Set.of("type", "prepend");
            case "Precompiled" -> Set.of("type", "precompiled_charsmap");
            case "BertNormalizer" -> json.fields().keySet(); // it looks itself
            default -> Set.of("type");
        };
        Normalizer normalizer = switch (type) {
            case "Sequence" -> sequence(json.objects("normalizers").stream().map(Normalizer::of).toList());
            case "BertNormalizer" -> BertNormalizer.of(json);
            case "NFC", "NFD", "NFKC", "NFKD" -> UnicodeForm.valueOf(type);
            case "Precompiled" -> Precompiled.of(json);
            case "Replace" -> new Replace(Expression.of(json), json.string("content"));
            case "Prepend" -> {
                String prefix = json.string("prepend");
                yield text -> text.prepend(prefix);
            }
            case "Strip" -> new Strip(json.flag("strip_left"), json.flag("strip_right"));
            case "StripAccents" -> text -> filter(text, c -> !UnicodeForm.isMark(c));
            case "Lowercase" -> Normalizer::lowercase;
            case "Nmt" -> text -> map(filter(text, Normalizer::isKeptByNmt), c -> isSpaceForNmt(c) ? ' ' : c);
            case "ByteLevel" -> PreTokenizer.ByteLevel::spell;
            default -> throw json.error("type", type + " is not supported");
        };
        json.allowOnly(fields);
        return normalizer;
    }

    private static Normalizer sequence(List<Normalizer> normalizers) {
        return text -> {
            NormalizedString normal = text;
            for (Normalizer next : normalizers) {
                normal = next.normalize(normal);
            }
            return normal;
        };
    }

    /** Leaves characters out. */
    static NormalizedString filter(NormalizedString text, IntPredicate keep) {
        String chars = text.text();
        if (chars.codePoints().allMatch(keep)) {
            return text;
        }
        NormalizedString.Rewriting kept = text.rewrite();
        chars.codePoints().forEach(c -> {
            if (keep.test(c)) {
                kept.put(c, 0);
            } else {
                kept.remove(1);
            }
        });
        return kept.done();
    }

    /** Puts one character in the place of each. */
    static NormalizedString map(NormalizedString text, IntUnaryOperator change) {
        String chars = text.text();
        if (chars.codePoints().allMatch(c -> change.applyAsInt(c) == c)) {
            return text;
        }
        NormalizedString.Rewriting mapped = text.rewrite();
        chars.codePoints().forEach(c -> mapped.put(change.applyAsInt(c), 0));
        return mapped.done();
    }

    /** Lower case of each character by itself, whatever stands around it. */
    static NormalizedString lowercase(NormalizedString text) {
        if (text.text().indexOf(CAPITAL_I_WITH_DOT) < 0) {
            return map(text, Character::toLowerCase);
        }
        NormalizedString.Rewriting lower = text.rewrite();
        text.text().codePoints().forEach(c -> {
            if (c == CAPITAL_I_WITH_DOT) { // the one character whose lower case is two
                lower.put('i', 0).put(COMBINING_DOT, 1);
            } else {
                lower.put(Character.toLowerCase(c), 0);
            }
        });
        return lower.done();
    }

    private static boolean isKeptByNmt(int c) {
        return (c > 0x08 || c == 0) && c != 0x0B && (c < 0x0E || c > 0x1F) && c != 0x7F && c != 0x8F && c != 0x9F;
    }

    private static boolean isSpaceForNmt(int c) {
        return switch (c) {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> true;
            default -> c >= 0x200B && c <= 0x200F;
        };
    }

    /** Writes something in the place of all that matches; it stands for the last character that did. */
    record Replace(Expression expression, String content) implements Normalizer {
        @Override
        public NormalizedString normalize(NormalizedString text) {
            String chars = text.text();
            NormalizedString.Rewriting replaced = text.rewrite();
            boolean[] found = new boolean[1];
            expression.find(chars, 0, chars.length(), (from, to, match) -> {
                found[0] |= match;
                if (match) {
                    replaced.remove(chars.codePointCount(from, to));
                    content.codePoints().forEach(c -> replaced.put(c, 1));
                } else {
                    chars.substring(from, to).codePoints().forEach(c -> replaced.put(c, 0));
                }
            });
            return found[0] ? replaced.done() : text;
        }
    }

    /** Leaves out white space at the beginning and at the end. */
    record Strip(boolean left, boolean right) implements Normalizer {
        @Override
        public NormalizedString normalize(NormalizedString text) {
            String chars = text.text();
            int from = 0;
            int to = chars.length();
            while (left && from < to && BertCharacters.isWhitespace(chars.charAt(from))) {
                from++;
            }
            while (right && to > from && BertCharacters.isWhitespace(chars.charAt(to - 1))) {
                to--;
            }
            return text.slice(from, to);
        }
    }
}
