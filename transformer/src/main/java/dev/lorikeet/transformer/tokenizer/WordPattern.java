package dev.lorikeet.transformer.tokenizer;

import static dev.lorikeet.transformer.tokenizer.CharacterClass.LETTER;
import static dev.lorikeet.transformer.tokenizer.CharacterClass.NUMBER;
import static dev.lorikeet.transformer.tokenizer.CharacterClass.OTHER;
import static dev.lorikeet.transformer.tokenizer.CharacterClass.SPACE;

import org.jspecify.annotations.Nullable;

/**
 * The regular expressions by which most byte-level tokenizers cut texts into words, read by hand, several times as fast
 * as an engine reads them. A text is cut where one match ends and the next begins; nothing is in between.
 */
final class WordPattern implements PreTokenizer {
    static final String GPT2_REGEX = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
            + "|\\s+(?!\\S)|\\s+";
    static final String LLAMA3_REGEX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
            + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String QWEN2_REGEX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
            + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** GPT-2's (Radford et al. 2019), which {@code ByteLevel} has built in. */
    static final WordPattern GPT2 = new WordPattern(false, Integer.MAX_VALUE);
    private static final WordPattern LLAMA3 = new WordPattern(true, 3);
    private static final WordPattern QWEN2 = new WordPattern(true, 1);

    /** Line breaks end words, and one other character may begin a word of letters. */
    private final boolean lines;
    private final int digits; // the most in a word

    private WordPattern(boolean lines, int digits) {
        this.lines = lines;
        this.digits = digits;
    }

    /** The pattern of a regular expression, null where it is none of these. */
    static @Nullable WordPattern of(String regex) {
        return switch (regex) {
            case GPT2_REGEX -> GPT2;
            case LLAMA3_REGEX -> LLAMA3;
            case QWEN2_REGEX -> QWEN2;
            default -> null;
        };
    }

    @Override
    public void split(NormalizedString text, int from, int to, Words words) {
        String chars = text.text();
        for (int i = from; i < to;) {
            int end = lines ? nextOfLines(chars, i, to) : next(chars, i, to);
            words.word(text, i, end);
            i = end;
        }
    }

    /** Where the word of GPT-2's that begins at {@code i} ends. */
    private int next(String text, int i, int to) {
        int end = contraction(text, i, to, false);
        if (end > i) {
            return end;
        }
        int j = text.charAt(i) == ' ' && i + 1 < to ? i + 1 : i;
        byte kind = kind(text, j, to);
        if (kind == SPACE) {
            return afterSpaces(text, i, to);
        }
        return afterRun(text, j, to, kind, Integer.MAX_VALUE);
    }

    /** Where the word of Llama's or Qwen's that begins at {@code i} ends. */
    private int nextOfLines(String text, int i, int to) {
        int end = contraction(text, i, to, true);
        if (end > i) {
            return end;
        }
        char c = text.charAt(i);
        byte kind = kind(text, i, to);
        if (kind == LETTER) {
            return afterRun(text, i, to, LETTER, Integer.MAX_VALUE);
        }
        if (kind == NUMBER) {
            return afterRun(text, i, to, NUMBER, digits);
        }
        int after = i + width(text, i, to);
        if (c != '\r' && c != '\n' && after < to && kind(text, after, to) == LETTER) {
            return afterRun(text, after, to, LETTER, Integer.MAX_VALUE);
        }
        int j = c == ' ' ? after : i;
        if (j < to && kind(text, j, to) == OTHER) {
            end = afterRun(text, j, to, OTHER, Integer.MAX_VALUE);
            while (end < to && isLineBreak(text.charAt(end))) {
                end++;
            }
            return end;
        }
        end = afterRun(text, i, to, SPACE, Integer.MAX_VALUE);
        for (int k = end; k > i; k--) {
            if (isLineBreak(text.charAt(k - 1))) {
                return k;
            }
        }
        return afterSpaces(text, i, to);
    }

    /** White space up to the last one before a word, which goes with the word; all of it at the end of the text. */
    private static int afterSpaces(String text, int i, int to) {
        int end = afterRun(text, i, to, SPACE, Integer.MAX_VALUE);
        return end == to || end == i + 1 ? end : end - 1; // all of Unicode's white space is one char wide
    }

    private static int afterRun(String text, int i, int to, byte kind, int most) {
        int end = i;
        for (int n = 0; n < most && end < to && kind(text, end, to) == kind; n++) {
            end += width(text, end, to);
        }
        return end;
    }

    private static byte kind(String text, int i, int to) {
        char c = text.charAt(i);
        return CharacterClass.of(Character.isHighSurrogate(c) && i + 1 < to ? text.codePointAt(i) : c);
    }

    private static int width(String text, int i, int to) {
        return Character.isHighSurrogate(text.charAt(i)) && i + 1 < to ? 2 : 1;
    }

    private static boolean isLineBreak(char c) {
        return c == '\n' || c == '\r';
    }

    /** Where {@code 's}, {@code 't}, {@code 're}, {@code 've}, {@code 'm}, {@code 'll} or {@code 'd} ends, or here. */
    private static int contraction(String text, int i, int to, boolean ignoreCase) {
        if (text.charAt(i) != '\'' || i + 1 == to) {
            return i;
        }
        char first = fold(text.charAt(i + 1), ignoreCase);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return i + 2;
        }
        char second = i + 2 == to ? ' ' : fold(text.charAt(i + 2), ignoreCase);
        return second == 'e' && (first == 'r' || first == 'v') || first == 'l' && second == 'l' ? i + 3 : i;
    }

    private static char fold(char c, boolean ignoreCase) {
        return !ignoreCase ? c : c == '\u017F' ? 's' : Character.toLowerCase(c); // the long s is an s
    }
}
