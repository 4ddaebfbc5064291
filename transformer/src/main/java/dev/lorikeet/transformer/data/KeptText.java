package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import java.util.function.Function;

/** Counts the memory that kept texts take, and refuses a file before it fills the heap. */
final class KeptText {
    /** A string's two headers, its place in a list, and its example. */
    private static final int OVERHEAD = 80;

    private final long most;
    private long bytes;

    /** @param heap the bytes there are, of which texts may take half */
    KeptText(long heap) {
        this.most = heap / 2;
    }

    /** @throws InputException if the texts of the row are too many */
    void add(Row row) {
        row.texts().forEach(text -> add(text, row::error));
    }

    /**
     * Counts a text.
     *
     * @param fault of its line, made of the rule that is broken
     * @throws InputException if the text is one too many
     */
    void add(String text, Function<String, InputException> fault) {
        boolean narrow = text.chars().allMatch(c -> c < 256); // as the JVM keeps it, in a byte a character
        bytes += OVERHEAD + (narrow ? 1L : 2L) * text.length();
        if (bytes > most) {
            throw fault.apply("the texts up to here fill half of the memory, " + (most >> 20)
                    + " MiB; take fewer (limit) or give the JVM more (-Xmx)");
        }
    }
}
