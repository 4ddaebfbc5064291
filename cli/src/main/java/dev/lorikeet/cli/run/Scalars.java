package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.training.Step;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a run by the names that TensorBoard and MLflow show; one that there is none of is left out. */
final class Scalars {
    private Scalars() {}

    static Map<String, Double> of(Step step) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("train/loss", step.loss());
        scalars.put("train/learning_rate_factor", step.rate());
        if (!Double.isNaN(step.gradientNorm())) {
            scalars.put("train/gradient_norm", step.gradientNorm());
        }
        scalars.put("train/tokens_per_second", step.tokens() / step.seconds());
        return scalars;
    }

    /** @param part of the examples, for example {@code test} */
    static Map<String, Double> of(String part, Evaluation evaluation) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put(part + "/loss", evaluation.loss());
        evaluation.metrics().forEach((name, value) -> {
            if (!Double.isNaN(value)) {
                scalars.put(part + "/" + name, value);
            }
        });
        return scalars;
    }
}
