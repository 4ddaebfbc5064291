package dev.lorikeet.transformer.task;

import java.util.ArrayList;
import java.util.List;

/**
 * The answers to a question that are right, as parts of the text that it is asked of; none where the text has none.
 *
 * @param texts of which any is right; the first is learned
 * @param starts where in the text each begins, as {@link String#substring} counts
 */
public record Answers(List<String> texts, List<Integer> starts) {
    /** There is no answer. */
    public static final Answers NONE = new Answers(List.of(), List.of());

    /** @throws IllegalArgumentException if one is empty, or begins nowhere */
    public Answers {
        texts = List.copyOf(texts);
        starts = List.copyOf(starts);
        if (texts.size() != starts.size()) {
            throw new IllegalArgumentException("answers: " + texts.size() + " texts and " + starts.size() + " begins");
        }
        if (texts.stream().anyMatch(String::isEmpty) || starts.stream().anyMatch(start -> start < 0)) {
            throw new IllegalArgumentException("answers: an answer has a letter at least, and begins at 0 or later");
        }
    }

    /**
     * An answer that stands in {@code context}, where it does so first.
     *
     * @throws IllegalArgumentException if it does not
     */
    public static Answers in(String context, String answer) {
        return new Answers(List.of(answer), List.of(context.indexOf(answer)));
    }

    /** The words of {@code context} where each of these is said to stand. */
    List<String> within(String context) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            int start = Math.min(starts.get(i), context.length());
            found.add(context.substring(start, (int) Math.min((long) start + texts.get(i).length(),
                    context.length())));
        }
        return found;
    }
}
