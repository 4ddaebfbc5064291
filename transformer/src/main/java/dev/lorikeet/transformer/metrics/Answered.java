package dev.lorikeet.transformer.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers to questions, beside those that are right.
 *
 * @param actual of each question the texts of which any is right; none where there is no answer
 * @param said the texts that were answered, in the same order; empty for no answer
 */
public record Answered(List<List<String>> actual, List<String> said) implements Details {
    public Answered {
        actual = actual.stream().map(List::copyOf).toList();
        said = List.copyOf(said);
    }

    /** Whether an answer is right to the letter, see {@link AnswerScores}. */
    public boolean isExact(int question) {
        return AnswerScores.isExact(said.get(question), actual.get(question));
    }

    /** How many of an answer's words are right ones, see {@link AnswerScores}. */
    public double f1(int question) {
        return AnswerScores.f1(said.get(question), actual.get(question));
    }

    /** The questions that have an answer, or those that have none. */
    int[] questions(boolean answered) {
        return IntStream.range(0, said.size()).filter(i -> actual.get(i).isEmpty() != answered).toArray();
    }
}
