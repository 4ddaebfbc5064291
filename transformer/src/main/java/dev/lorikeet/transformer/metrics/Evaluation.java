package dev.lorikeet.transformer.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model made of a data set.
 *
 * @param loss the mean loss: of classes the cross-entropy, in nats
 * @param metrics by their names, for example {@code accuracy}
 * @param confusion which classes were taken for which, where the task has classes
 */
public record Evaluation(double loss, Map<String, Double> metrics, @Nullable ConfusionMatrix confusion) {
    private static final String ACCURACY = "accuracy";

    public Evaluation {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** A classifier's: {@code accuracy}, {@code f1_macro} and {@code matthews}, see {@link ClassScores}. */
    public static Evaluation of(ConfusionMatrix confusion, double loss) {
        ClassScores scores = ClassScores.of(confusion);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(ACCURACY, confusion.accuracy());
        metrics.put("f1_macro", scores.macro().f1());
        metrics.put("matthews", scores.matthews());
        return new Evaluation(loss, metrics, confusion);
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
        Double value = metrics.get(name);
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
        ConfusionMatrix matrix = confusion;
        if (matrix == null) {
            throw new IllegalStateException("evaluation: the task has no classes");
        }
        return matrix;
    }
}
