package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.primitive.IntList;

/**
 * The text of ids that come one by one, never half a character: bytes wait for the rest of theirs. All that
 * {@link #append} and {@link #end} give, one behind the other, is what {@link Tokenizer#decode} makes of all ids at
 * once. Each step looks at the ids since the last ones that gave text alone. For one thread.
 *
 * <p>Source: {@code DecodeStream} of Hugging Face's library.
 */
public final class TextStream {
    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean skipSpecialTokens;
    /** The ids whose text is looked at: those that gave the last text, and those that have given none yet. */
    private final IntList ids = new IntList();
    private int given; // of these ids, how many have given all their text
    private String before = ""; // the text of those

    TextStream(Tokenizer tokenizer, boolean skipSpecialTokens) {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
    }

    /** The text that an id adds; nothing while it may be part of a character that is not whole. */
    public String append(int id) {
        ids.add(id);
        String text = text(ids.size());
        if (text.length() <= before.length() || text.charAt(text.length() - 1) == REPLACEMENT) {
            return "";
        }
        return give(text);
    }

    /** What is left at the end: characters that will not be whole any more, as U+FFFD. */
    public String end() {
        return give(text(ids.size()));
    }

    private String give(String text) {
        String added = text.substring(Math.min(before.length(), text.length()));
        ids.removeFirst(given);
        given = ids.size();
        before = text(given);
        return added;
    }

    private String text(int count) {
        return tokenizer.decode(ids.stream().limit(count).toArray(), skipSpecialTokens);
    }
}
