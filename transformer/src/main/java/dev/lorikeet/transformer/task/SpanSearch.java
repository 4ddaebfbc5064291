package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The best answers by the scores of their begins and ends, as {@code postprocess_qa_predictions} of transformers'
 * {@code run_qa.py} finds them: of each window those of the {@value #BEST} best begins and ends that lie in the text,
 * of which the end is not before the begin and not too far behind; of all windows the {@value #BEST} best. That there
 * is no answer has the score of the first token, of the window where this is least, since all have to agree.
 *
 * @param longest the most tokens of an answer
 * @param none whether there may be no answer
 * @param threshold there is none where its score is higher than the best answer's by more than this
 */
record SpanSearch(int longest, boolean none, double threshold) {
    private static final int BEST = 20;

    /**
     * What was found.
     *
     * @param answers the one that is said first, then the others by their scores
     * @param found the best answer with a text, whether it is said or not; empty where there is none
     * @param nullScore how much higher than its score that of no answer is; the largest number where there is no text
     */
    record Result(List<AnswerSpan> answers, String found, float nullScore) {}

    private record Found(int start, int end, float score) {}

    /**
     * The best answers, the best first; one without text where there is none.
     *
     * @param logits (rows, 2)
     * @param first the row of the example's first token
     */
    Result best(Tensor logits, int first, Encoded example) {
        Passage passage = Objects.requireNonNull(example.passage());
        List<Found> found = new ArrayList<>();
        @Nullable
        Found nothing = null;
        for (int s = 0; s < example.sequences(); s++) {
            int from = example.offsets()[s];
            int to = example.offsets()[s + 1];
            float score = logits.get(first + from, 0) + logits.get(first + from, 1);
            nothing = nothing == null || nothing.score > score ? new Found(0, 0, score) : nothing;
            window(logits, first, from, to, passage, found);
        }
        found.sort(Comparator.comparingDouble((Found each) -> each.score).reversed());
        Found best = found.isEmpty() ? null : found.getFirst();
        float nullScore = nothing == null || best == null ? Float.MAX_VALUE : nothing.score - best.score;
        if (none && nothing != null) {
            float own = nothing.score;
            int place = (int) found.stream().filter(each -> each.score >= own).count();
            found.add(place, nothing);
        }
        List<Found> all = new ArrayList<>(found.subList(0, Math.min(BEST, found.size())));
        Found said = none && nullScore > threshold ? nothing : best;
        if (none && nothing != null && !all.contains(nothing)) {
            all.add(nothing);
        }
        String text = best == null ? "" : passage.text().substring(best.start, best.end);
        return new Result(said == null ? List.of(new AnswerSpan("", 0, 0, 1)) : answers(all, said, passage.text()),
                text,
                nullScore);
    }

    private void window(Tensor logits, int first, int from, int to, Passage passage, List<Found> found) {
        int[] ends = best(logits, first, from, to, 1);
        for (int start : best(logits, first, from, to, 0)) {
            for (int end : ends) {
                if (passage.has(start) && passage.has(end) && start <= end && end - start < longest) {
                    found.add(new Found(passage.starts()[start], passage.ends()[end],
                            logits.get(first + start, 0) + logits.get(first + end, 1)));
                }
            }
        }
    }

    /** The tokens of a window with the best scores, the best first. */
    private static int[] best(Tensor logits, int first, int from, int to, int column) {
        return IntStream.range(from, to).boxed()
                .sorted(Comparator.comparing(token -> -logits.get(first + token, column)))
                .limit(BEST).mapToInt(Integer::intValue).toArray();
    }

    /** With a softmax over their scores; the one that is said comes first. */
    private static List<AnswerSpan> answers(List<Found> best, Found said, String text) {
        double largest = best.stream().mapToDouble(each -> each.score).max().orElseThrow();
        double sum = best.stream().mapToDouble(each -> Math.exp(each.score - largest)).sum();
        List<Found> order = new ArrayList<>(best);
        order.addFirst(order.remove(order.indexOf(said)));
        return order.stream()
                .map(each -> new AnswerSpan(text.substring(each.start, each.end), each.start, each.end,
                        Math.exp(each.score - largest) / sum))
                .toList();
    }
}
