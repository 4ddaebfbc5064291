package dev.lorikeet.transformer.task;

import java.util.List;

/**
 * The text in which an answer is sought, where what is answered is a part of it: what of an {@link Encoded} no model
 * reads, and a metric needs.
 *
 * @param text all of it
 * @param starts (tokens) where in the text each token of the example begins, as {@link String#substring} counts; -1 of
 *     tokens that are none of it
 * @param ends (tokens) where each ends; -1 as well
 * @param answers the texts that are right, any one of them; none where there is no answer, or nobody has told
 */
public record Passage(String text, int[] starts, int[] ends, List<String> answers) {
    /** @throws IllegalArgumentException if the tokens are not within the text */
    public Passage {
        answers = List.copyOf(answers);
        boolean fits = starts.length == ends.length;
        for (int i = 0; fits && i < starts.length; i++) {
            fits = starts[i] < 0 ? ends[i] < 0 : starts[i] <= ends[i] && ends[i] <= text.length();
        }
        if (!fits) {
            throw new IllegalArgumentException("passage: " + starts.length + " tokens begin and " + ends.length
                    + " end in a text of " + text.length());
        }
    }

    /** Whether a token is of this text. */
    boolean has(int token) {
        return starts[token] >= 0;
    }
}
