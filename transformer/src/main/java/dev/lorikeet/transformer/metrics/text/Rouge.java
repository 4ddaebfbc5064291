package dev.lorikeet.transformer.metrics.text;

import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * ROUGE (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"), as Google's rouge-score has it without a
 * stemmer: F1 of the best reference, the mean of the texts.
 *
 * @param one of single words
 * @param two of pairs of words
 * @param longest of the longest common subsequence
 */
record Rouge(double one, double two, double longest) {

    static Rouge of(List<Worded> texts) {
        return new Rouge(mean(texts, (answer, reference) -> runs(answer, reference, 1)),
                mean(texts, (answer, reference) -> runs(answer, reference, 2)),
                mean(texts, (answer, reference) -> f1(longest(answer, reference), answer.size(), reference.size())));
    }

    private static double mean(List<Worded> texts, ToDoubleBiFunction<List<String>, List<String>> score) {
        return texts.stream().mapToDouble(text -> text.references().stream()
                .mapToDouble(reference -> score.applyAsDouble(text.answer(), reference)).max().orElseThrow())
                .average().orElseThrow();
    }

    private static double runs(List<String> answer, List<String> reference, int n) {
        return f1(Ngrams.common(Ngrams.of(answer, n), Ngrams.of(reference, n)), Ngrams.number(answer.size(), n),
                Ngrams.number(reference.size(), n));
    }

    private static double f1(int common, int answer, int reference) {
        if (common == 0) {
            return 0;
        }
        double precision = (double) common / answer;
        double recall = (double) common / reference;
        return 2 * precision * recall / (precision + recall);
    }

    private static int longest(List<String> answer, List<String> reference) {
        int[] row = new int[reference.size() + 1];
        for (String word : answer) {
            int diagonal = 0;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                row[j] = word.equals(reference.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[reference.size()];
    }
}
