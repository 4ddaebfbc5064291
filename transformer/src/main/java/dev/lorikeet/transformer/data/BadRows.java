package dev.lorikeet.transformer.data;

import java.util.Locale;

/** What becomes of rows of a file that are wrong: too few fields, no JSON, an empty text, a label that is none. */
public enum BadRows {
    /** The first one is told, and nothing is read. */
    FAIL,
    /** They are left out and counted, as long as they are fewer than the others. */
    SKIP;

    /** The name in recipes. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
