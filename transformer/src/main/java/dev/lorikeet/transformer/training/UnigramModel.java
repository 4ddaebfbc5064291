package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.LanguageTask;

/**
 * What a language model must beat: every token as probable as it is frequent, whatever stands around it. One more of
 * each than was counted, so that none is impossible (Laplace 1814; Manning and Schütze 1999, section 6.2.2).
 */
public final class UnigramModel {
    private UnigramModel() {}

    /**
     * Counts the tokens that may be targets in {@code train}, and tells those of {@code test}.
     *
     * @throws IllegalArgumentException if the task is not that of a language model, or no target counts
     */
    public static Evaluation run(EncodedDataset train, EncodedDataset test) {
        if (!(test.model().task() instanceof LanguageTask<?, ?> task)) {
            throw new IllegalArgumentException("unigram model: the task is " + test.model().task().kind());
        }
        long[] counts = new long[test.model().backbone().config().vocabularySize()];
        long all = counts.length;
        for (int i = 0; i < train.size(); i++) {
            for (int token : task.possible(train.examples().get(i))) {
                if (token != CrossEntropy.IGNORED) {
                    counts[token]++;
                    all++;
                }
            }
        }
        int frequent = 0;
        for (int token = 1; token < counts.length; token++) {
            frequent = counts[token] > counts[frequent] ? token : frequent;
        }
        double loss = 0;
        long told = 0;
        long right = 0;
        for (int i = 0; i < test.size(); i++) {
            for (int target : task.targets(test.evaluated(i).getFirst())) {
                if (target != CrossEntropy.IGNORED) {
                    loss += StrictMath.log(all) - StrictMath.log(counts[target] + 1.0);
                    right += target == frequent ? 1 : 0;
                    told++;
                }
            }
        }
        if (told == 0) {
            throw new IllegalArgumentException("unigram model: no target counts, so that there is no loss");
        }
        return LanguageTask.evaluation(loss / told, right, told);
    }
}
