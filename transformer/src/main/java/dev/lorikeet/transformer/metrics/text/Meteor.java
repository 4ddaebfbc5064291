package dev.lorikeet.transformer.metrics.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * METEOR with its stages "exact" and "stem" (Lavie and Agarwal 2007, "METEOR: An Automatic Metric for MT Evaluation
 * with High Levels of Correlation with Human Judgments"; α = 0.9, β = 3, γ = 0.5), as NLTK has it without WordNet: the
 * last words are aligned first, stems are Porter's, and the best reference counts. The mean of the texts.
 */
final class Meteor {
    private static final double ALPHA = 0.9;
    private static final double BETA = 3;
    private static final double GAMMA = 0.5;

    private Meteor() {}

    private record Match(int inAnswer, int inReference) {}

    static double of(List<Worded> texts) {
        return texts.stream().mapToDouble(text -> text.references().stream()
                .mapToDouble(reference -> one(text.answer(), reference)).max().orElseThrow()).average().orElseThrow();
    }

    private static double one(List<String> answer, List<String> reference) {
        List<Match> matches = new ArrayList<>();
        boolean[] answered = new boolean[answer.size()];
        boolean[] found = new boolean[reference.size()];
        match(answer, reference, UnaryOperator.identity(), answered, found, matches);
        match(answer, reference, PorterStemmer::stem, answered, found, matches);
        if (matches.isEmpty()) {
            return 0;
        }
        matches.sort(Comparator.comparingInt(Match::inAnswer));
        double precision = (double) matches.size() / answer.size();
        double recall = (double) matches.size() / reference.size();
        double mean = precision * recall / (ALPHA * precision + (1 - ALPHA) * recall);
        return (1 - GAMMA * Math.pow((double) chunks(matches) / matches.size(), BETA)) * mean;
    }

    /** From the last word of the answer to the first, each with the last word of the reference that is left. */
    private static void match(List<String> answer, List<String> reference, UnaryOperator<String> form,
            boolean[] answered, boolean[] found, List<Match> matches) {
        List<String> forms = reference.stream().map(form).toList();
        for (int i = answer.size() - 1; i >= 0; i--) {
            String word = answered[i] ? "" : form.apply(answer.get(i));
            for (int j = reference.size() - 1; j >= 0 && !answered[i]; j--) {
                if (!found[j] && forms.get(j).equals(word)) {
                    answered[i] = true;
                    found[j] = true;
                    matches.add(new Match(i, j));
                }
            }
        }
    }

    /** How many runs of words stand together in both. */
    private static int chunks(List<Match> matches) {
        int chunks = 1;
        for (int i = 1; i < matches.size(); i++) {
            Match before = matches.get(i - 1);
            if (!matches.get(i).equals(new Match(before.inAnswer() + 1, before.inReference() + 1))) {
                chunks++;
            }
        }
        return chunks;
    }
}
