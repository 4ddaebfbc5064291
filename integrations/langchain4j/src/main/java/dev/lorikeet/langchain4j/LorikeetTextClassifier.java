package dev.lorikeet.langchain4j;

import dev.langchain4j.classification.ClassificationResult;
import dev.langchain4j.classification.ScoredLabel;
import dev.langchain4j.classification.TextClassifier;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Comparator;
import java.util.List;

/**
 * The classes of texts, by a model that was fine-tuned on them; all of them with their probabilities, the most probable
 * first. Needs {@code dev.langchain4j:langchain4j} beside its core. Safe to share between threads.
 */
public final class LorikeetTextClassifier implements TextClassifier<String> {
    private final TaskModel<String, Integer, List<Prediction>> model;

    private LorikeetTextClassifier(TaskModel<String, Integer, List<Prediction>> model) {
        this.model = model;
    }

    /** @throws InputException if the model is for another task */
    public static LorikeetTextClassifier of(TaskModel<?, ?, ?> tuned) {
        return new LorikeetTextClassifier(tuned.asClassifier());
    }

    /** The most probable class alone. */
    @Override
    public List<String> classify(String text) {
        return List.of(model.predict(text).getFirst().label());
    }

    @Override
    public ClassificationResult<String> classifyWithScores(String text) {
        return new ClassificationResult<>(model.predict(text).stream()
                .sorted(Comparator.comparing(Prediction::probability).reversed())
                .map(each -> new ScoredLabel<>(each.label(), each.probability())).toList());
    }
}
