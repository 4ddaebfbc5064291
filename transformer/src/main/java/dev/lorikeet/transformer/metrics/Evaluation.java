package dev.lorikeet.transformer.metrics;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a model made of a data set.
 *
 * @param loss the mean loss: of classes the cross-entropy, in nats
 * @param metrics by their names, for example {@code accuracy}; the first is the one by which models are compared
 * @param details what there is to see beside, or null
 */
public record Evaluation(double loss, Map<String, Double> metrics, @Nullable Details details) {
    private static final String ACCURACY = "accuracy";
    private static final String LOSS = "loss";
    private static final Set<String> LESS_IS_BETTER = Set.of(LOSS, "mse", "mae", "perplexity", "hamming_loss");

    public Evaluation {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** A classifier's: {@code accuracy}, {@code f1_macro} and {@code matthews}, see {@link ClassScores}. */
    public static Evaluation of(Classified said, double loss) {
        ConfusionMatrix confusion = said.confusion();
        ClassScores scores = ClassScores.of(confusion);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(ACCURACY, confusion.accuracy());
        metrics.put("f1_macro", scores.macro().f1());
        metrics.put("matthews", scores.matthews());
        return new Evaluation(loss, metrics, said);
    }

    /** A regression's: {@code r2} and others of {@link RegressionScores}, of several numbers their means. */
    public static Evaluation of(Fit fit, double loss) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        int count = fit.names().size();
        for (int i = 0; i < count; i++) {
            RegressionScores scores = fit.scores(i);
            metrics.merge("r2", scores.r2() / count, Double::sum);
            metrics.merge("pearson", scores.pearson() / count, Double::sum);
            metrics.merge("spearman", scores.spearman() / count, Double::sum);
            metrics.merge("mse", scores.meanSquaredError() / count, Double::sum);
            metrics.merge("mae", scores.meanAbsoluteError() / count, Double::sum);
        }
        return new Evaluation(loss, metrics, fit);
    }

    /** Of labels of which an example has any number: {@code f1_micro} and others of {@link LabelScores}. */
    public static Evaluation of(Labelled said, double loss) {
        LabelScores scores = said.labelScores();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("f1_micro", scores.micro().f1());
        metrics.put("f1_macro", scores.macro().f1());
        metrics.put("precision_micro", scores.micro().precision());
        metrics.put("recall_micro", scores.micro().recall());
        metrics.put("subset_accuracy", scores.subsetAccuracy());
        metrics.put("hamming_loss", scores.hammingLoss());
        return new Evaluation(loss, metrics, said);
    }

    /**
     * Of tags: {@code accuracy} and {@code f1_macro}, see {@link TagScores}. Of entities: {@code f1}, {@code precision}
     * and {@code recall} of all of them together, see {@link EntityScores}, and the {@code accuracy} of their tags.
     */
    public static Evaluation of(Tagged said, double loss) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        TagScores tags = TagScores.of(said.actual(), said.said());
        if (said.areEntities()) {
            EntityScores entities = EntityScores.of(said.actual(), said.said(), false);
            metrics.put("f1", entities.micro().f1());
            metrics.put("precision", entities.micro().precision());
            metrics.put("recall", entities.micro().recall());
            metrics.put(ACCURACY, tags.accuracy());
        } else {
            metrics.put(ACCURACY, tags.accuracy());
            metrics.put("f1_macro", tags.macro().f1());
        }
        return new Evaluation(loss, metrics, said);
    }

    /**
     * Of answers to questions: the mean {@code f1} and the share that is an {@code exact_match}, see
     * {@link AnswerScores}; where some questions have no answer, of those that have one alone {@code f1_answered} and
     * {@code exact_match_answered}, and of the others {@code accuracy_unanswered}.
     */
    public static Evaluation of(Answered said, double loss) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        int[] all = IntStream.range(0, said.said().size()).toArray();
        metrics.put("f1", mean(all, said::f1));
        metrics.put("exact_match", mean(all, i -> said.isExact(i) ? 1 : 0));
        int[] answered = said.questions(true);
        if (answered.length < all.length) {
            if (answered.length > 0) {
                metrics.put("f1_answered", mean(answered, said::f1));
                metrics.put("exact_match_answered", mean(answered, i -> said.isExact(i) ? 1 : 0));
            }
            metrics.put("accuracy_unanswered", mean(said.questions(false), said::f1));
        }
        return new Evaluation(loss, metrics, said);
    }

    private static double mean(int[] which, IntToDoubleFunction score) {
        return Arrays.stream(which).mapToDouble(score).average().orElse(Double.NaN);
    }

    /**
     * This, where a text may have no answer, by the {@linkplain Answered#bestThreshold threshold} that these examples
     * find best: {@code best_f1} of SQuAD 2.0's {@code evaluate-v2.0.py}; anything else as it is.
     */
    public Evaluation atBestThreshold() {
        return details instanceof Answered said && !said.found().isEmpty() ? of(said.atBestThreshold(), loss) : this;
    }

    /** The name of the metric by which models are compared; {@code loss} where there is none. */
    public String mainMetric() {
        return metrics.isEmpty() ? LOSS : metrics.keySet().iterator().next();
    }

    /** The value of {@link #mainMetric}. */
    public double main() {
        return metrics.isEmpty() ? loss : metric(mainMetric());
    }

    /** Whether less of a metric is better. */
    public static boolean isLessBetter(String metric) {
        return LESS_IS_BETTER.contains(metric);
    }

    /** Whether this is better than {@code other} by {@link #main}: NaN never is, and all else is better than NaN. */
    public boolean isBetterThan(@Nullable Evaluation other) {
        if (Double.isNaN(main()) || other == null || Double.isNaN(other.main())) {
            return !Double.isNaN(main());
        }
        return isLessBetter(mainMetric()) ? main() < other.main() : main() > other.main();
    }

    /**
     * The share of right answers, in [0, 1].
     *
     * @throws IllegalStateException if the task has no right and wrong
     */
    public double accuracy() {
        return metric(ACCURACY);
    }

    /**
     * One of the metrics.
     *
     * @throws IllegalStateException if there is none of this name
     */
    public double metric(String name) {
        Double value = name.equals(LOSS) ? Double.valueOf(loss) : metrics.get(name);
        if (value == null) {
            throw new IllegalStateException("evaluation: there is no " + name + ", there are " + metrics.keySet());
        }
        return value;
    }

    /**
     * Which classes were taken for which.
     *
     * @throws IllegalStateException if the task has no classes
     */
    public ConfusionMatrix confusionOrThrow() {
        if (!(details instanceof Classified said)) {
            throw new IllegalStateException("evaluation: the task has no classes");
        }
        return said.confusion();
    }
}
