package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.transformer.metrics.Evaluation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of the vocabulary for tokens of a text. What is learned from is inputs alone: the target of an input is
 * itself.
 *
 * <p>Below texts, an {@link Encoded} may have a class of each token, or {@link CrossEntropy#IGNORED}, as Hugging Face's
 * labels.
 *
 * @param <X> an input, for example a text
 * @param <P> a prediction
 */
public sealed interface LanguageTask<X, P> extends SmoothedTask<X, X, P>
        permits TextTask, SequenceToSequence {
    /** What the logits of an example's {@link #rows} are compared with, or {@link CrossEntropy#IGNORED}. */
    int[] targets(Encoded example);

    /** The tokens of an example to learn from that may be targets, and {@link CrossEntropy#IGNORED}. */
    int[] possible(Encoded example);

    /**
     * What was made of so many targets.
     *
     * @param right how many of them had the largest logit
     */
    static Evaluation evaluation(double loss, long right, long told) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("perplexity", Math.exp(loss));
        metrics.put("accuracy", (double) right / told);
        return new Evaluation(loss, metrics, null);
    }

    /** @throws IllegalArgumentException if the target of an input is another */
    default void requireItself(X input, @Nullable X target) {
        if (target != null && !target.equals(input)) {
            throw new IllegalArgumentException(kind() + ": the target of a text is the text itself");
        }
    }

    @Override
    default Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, TargetWeights weights) {
        return Losses.crossEntropy(tape, logits, examples.stream().flatMapToInt(example -> Arrays.stream(targets(
                example))).toArray(), weights.labelSmoothing(), over);
    }

    /**
     * For each example exp of the mean loss of its targets; NaN where it has none.
     *
     * @param logits of the examples' {@link #rows}
     */
    default List<Double> perplexities(Compute compute, Tensor logits, List<Encoded> examples) {
        List<Double> all = new ArrayList<>(examples.size());
        int row = 0;
        for (Encoded example : examples) {
            int[] targets = targets(example);
            Tensor own = logits.rows(row, row + targets.length);
            all.add(Math.exp(CrossEntropy.forward(compute, own, targets, Tensor.zeros(targets.length, 2))));
            row += targets.length;
        }
        return all;
    }

    /** Counts how many targets have the largest logit. */
    final class Count implements Meter {
        private final LanguageTask<?, ?> task;
        private long told;
        private long right;

        private Count(LanguageTask<?, ?> task) {
            this.task = task;
        }

        @Override
        public void add(Tensor logits, List<Encoded> examples) {
            add(logits, examples.stream().flatMapToInt(example -> Arrays.stream(task.targets(example))).toArray());
        }

        /** @param targets one of each row, or {@link CrossEntropy#IGNORED} */
        void add(Tensor logits, int[] targets) {
            for (int row = 0; row < targets.length; row++) {
                if (targets[row] != CrossEntropy.IGNORED) {
                    told++;
                    right += WholeRows.argmax(logits, row) == targets[row] ? 1 : 0;
                }
            }
        }

        @Override
        public Evaluation result(double loss) {
            return evaluation(loss, right, told);
        }
    }

    /** The {@code perplexity}, exp of the loss, and the share of the targets that have the largest logit. */
    @Override
    default Meter meter() {
        return new Count(this);
    }
}
