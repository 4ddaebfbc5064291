package dev.lorikeet.cli.report;

/**
 * An answer that was wrong, or far from right.
 *
 * @param text the input as a person reads it
 * @param truth the target
 * @param said the answer
 * @param confidence its probability, in [0, 1]; NaN where answers have none
 */
public record Mistake(String text, String truth, String said, double confidence) {
    /** Longer texts are cut in the middle of nowhere: a report is no book. */
    private static final int MOST = 240;

    public Mistake {
        text = shortened(text);
        truth = shortened(truth);
        said = shortened(said);
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= MOST ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST - 1)) + "…";
    }
}
