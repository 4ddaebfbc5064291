package dev.lorikeet.cli.recipe;

/**
 * The columns of a task's files.
 *
 * @param numbered whether a file without a header must have them said, by their numbers
 * @param pair whether a text may have a partner
 * @param fewest columns of labels that there must be
 * @param most columns of labels that there may be
 */
record TaskColumns(boolean numbered, boolean pair, int fewest, int most) {
    /** Texts, perhaps with partners, and a column of labels. */
    static final TaskColumns LABELLED = new TaskColumns(true, true, 1, 1);

    /** Texts that are their own labels, and so many columns that say more of them. */
    static TaskColumns ofTexts(int most) {
        return new TaskColumns(true, false, 0, most);
    }

    /** Whether texts are learned from by themselves. */
    boolean areOfTexts() {
        return !pair;
    }
}
