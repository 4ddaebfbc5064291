package dev.lorikeet.transformer.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers to questions, beside those that are right.
 *
 * @param actual of each question the texts of which any is right; none where there is no answer
 * @param said the texts that were answered, in the same order; empty for no answer
 * @param found the best texts, whether they were said or not; none where there has to be an answer
 * @param nullScores how much higher the score of no answer is than that of the best text; none where there has to be
 *     an answer
 */
public record Answered(List<List<String>> actual, List<String> said, List<String> found, List<Float> nullScores)
        implements
            Details {
    /** Sums that differ by less are the same. */
    private static final double ROUNDING = 1e-9;

    public Answered {
        actual = actual.stream().map(List::copyOf).toList();
        said = List.copyOf(said);
        found = List.copyOf(found);
        nullScores = List.copyOf(nullScores);
    }

    /** Of questions that have to have an answer. */
    public Answered(List<List<String>> actual, List<String> said) {
        this(actual, said, List.of(), List.of());
    }

    /**
     * The threshold of {@link #nullScores} above which no answer is said, with which F1 is largest:
     * {@code find_best_thresh} of SQuAD 2.0's {@code evaluate-v2.0.py}, but that equal scores are told together, and 0
     * is taken where no other is better. On the questions that it was chosen on, F1 is better than on others: choose on
     * the validation set.
     *
     * @throws IllegalStateException if there has to be an answer
     */
    public double bestThreshold() {
        if (found.size() != said.size()) {
            throw new IllegalStateException("threshold: a question has to have an answer");
        }
        int[] order = IntStream.range(0, said.size()).boxed().sorted(Comparator.comparing(nullScores::get))
                .mapToInt(Integer::intValue).toArray();
        double f1 = questions(false).length; // where none is answered
        double best = order.length == 0 ? 0 : Math.nextDown(nullScores.get(order[0]));
        double bestF1 = f1;
        double usualF1 = f1;
        for (int i = 0; i < order.length; i++) {
            int question = order[i];
            f1 += AnswerScores.f1(found.get(question), actual.get(question))
                    - (actual.get(question).isEmpty() ? 1 : 0);
            float score = nullScores.get(question);
            if (i + 1 < order.length && nullScores.get(order[i + 1]) == score) {
                continue;
            }
            if (f1 > bestF1 + ROUNDING) {
                best = score;
                bestF1 = f1;
            }
            usualF1 = score <= 0 ? f1 : usualF1;
        }
        return usualF1 >= bestF1 - ROUNDING ? 0 : best;
    }

    /**
     * These with what {@link #bestThreshold} has said.
     *
     * @throws IllegalStateException if there has to be an answer
     */
    public Answered atBestThreshold() {
        double best = bestThreshold();
        return new Answered(actual, IntStream.range(0, found.size())
                .mapToObj(i -> nullScores.get(i) > best ? "" : found.get(i)).toList(), found, nullScores);
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
