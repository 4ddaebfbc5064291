package dev.lorikeet.transformer.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text on its way from the original to the model: its chars as they are now, and for each the range of the original
 * that it stands for. Immutable. Positions are those of {@link String}.
 */
final class NormalizedString {
    private final String text;
    /** Where the original of the first char begins. */
    private final int origin;
    /** Of each char where its original begins and ends; both null while nothing was changed. */
    private final int @Nullable [] starts;
    private final int @Nullable [] ends;

    private NormalizedString(String text, int origin, int @Nullable [] starts, int @Nullable [] ends) {
        this.text = text;
        this.origin = origin;
        this.starts = starts;
        this.ends = ends;
    }

    /** A text that is its own original. Half a surrogate pair, which no file can have, is read as U+FFFD. */
    static NormalizedString of(String text) {
        return new NormalizedString(withoutHalfPairs(text), 0, null, null);
    }

    private static String withoutHalfPairs(String text) {
        char[] changed = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            changed = changed == null ? text.toCharArray() : changed;
            changed[i] = '\uFFFD';
        }
        return changed == null ? text : new String(changed);
    }

    String text() {
        return text;
    }

    int length() {
        return text.length();
    }

    /** Where the original of the char at {@code from} begins. */
    int start(int from) {
        return starts == null ? origin + from : starts[from];
    }

    /** Where the original of the char before {@code to} ends. */
    int end(int to) {
        return ends == null ? origin + to : ends[to - 1];
    }

    /** The chars from {@code from} to {@code to}. */
    NormalizedString slice(int from, int to) {
        if (from == 0 && to == text.length()) {
            return this;
        }
        return new NormalizedString(text.substring(from, to), from < to ? start(from) : origin,
                starts == null ? null : Arrays.copyOfRange(starts, from, to),
                ends == null ? null : Arrays.copyOfRange(ends, from, to));
    }

    /** The same with other chars in the place of these, as many. */
    NormalizedString withText(String replaced) {
        return new NormalizedString(replaced, origin, starts, ends);
    }

    /** The same with {@code prefix} before it, which stands for what the first character stands for. */
    NormalizedString prepend(String prefix) {
        if (text.isEmpty()) {
            return this;
        }
        int added = prefix.length();
        int length = text.length() + added;
        int[] newStarts = new int[length];
        int[] newEnds = new int[length];
        int first = Character.charCount(text.codePointAt(0));
        Arrays.fill(newStarts, 0, added, start(0));
        Arrays.fill(newEnds, 0, added, end(first));
        for (int i = added; i < length; i++) {
            newStarts[i] = start(i - added);
            newEnds[i] = end(i - added + 1);
        }
        return new NormalizedString(prefix + text, origin, newStarts, newEnds);
    }

    /** Writes another text in the place of this one, from its beginning to its end. */
    Rewriting rewrite() {
        return new Rewriting();
    }

    /**
     * A new text while it is written. What is put in the place of a character stands for its original, what is
     * inserted for that of the character before, in the text that is rewritten.
     */
    final class Rewriting {
        private final StringBuilder written = new StringBuilder(text.length() + 16);
        private int[] newStarts = new int[text.length() + 16];
        private int[] newEnds = new int[text.length() + 16];
        private int at; // the next char that is not yet replaced or removed

        /**
         * Puts a character in the place of the next one, if {@code change} is 0; inserts it, if {@code change} is more;
         * and if it is less, removes as many characters behind the one that is replaced.
         */
        Rewriting put(int character, int change) {
            if (change > 0) {
                append(character, at == 0 ? origin : start(text.offsetByCodePoints(at, -1)),
                        at == 0 ? origin : end(at));
            } else {
                int start = start(Math.min(at, text.length() - 1));
                int next = after(at);
                append(character, start, end(next));
                at = next;
                remove(-change);
            }
            return this;
        }

        /** Leaves the next characters out. */
        Rewriting remove(int characters) {
            for (int i = 0; i < characters; i++) {
                at = after(at);
            }
            return this;
        }

        private int after(int position) {
            return position < text.length() ? text.offsetByCodePoints(position, 1) : position;
        }

        private void append(int character, int start, int end) {
            int chars = Character.charCount(character);
            int length = written.length() + chars;
            if (length > newStarts.length) {
                newStarts = Arrays.copyOf(newStarts, 2 * length);
                newEnds = Arrays.copyOf(newEnds, 2 * length);
            }
            Arrays.fill(newStarts, length - chars, length, start);
            Arrays.fill(newEnds, length - chars, length, end);
            written.appendCodePoint(character);
        }

        NormalizedString done() {
            return new NormalizedString(written.toString(), origin, Arrays.copyOf(newStarts, written.length()),
                    Arrays.copyOf(newEnds, written.length()));
        }
    }
}
