package dev.lorikeet.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.List;
import java.util.function.Function;

/**
 * How well texts answer a query, by a model that was fine-tuned on pairs of a query and a text, in this order. Safe to
 * share between threads.
 */
public final class LorikeetScoringModel implements ScoringModel {
    private final Function<List<TextPair>, List<Double>> scores;

    private LorikeetScoringModel(Function<List<TextPair>, List<Double>> scores) {
        this.scores = scores;
    }

    /**
     * The probability of a class, as a classifier of pairs has it.
     *
     * @throws InputException if the model is for another task, or has no such class
     */
    public static LorikeetScoringModel of(TaskModel<?, ?, ?> tuned, String label) {
        TaskModel<TextPair, Integer, List<Prediction>> model = tuned.asClassifier(Reading.PAIR);
        if (model.task() instanceof SequenceClassification<?> task && !task.labels().contains(label)) {
            throw new InputException("scoring: the class " + label + " is none of " + Shown.names(task.labels()));
        }
        return new LorikeetScoringModel(pairs -> model.predict(pairs).stream()
                .map(all -> (double) all.stream().filter(each -> each.label().equals(label)).findFirst().orElseThrow()
                        .probability())
                .toList());
    }

    /**
     * The first number that a model of numbers gives to a pair.
     *
     * @throws InputException if the model is for another task
     */
    public static LorikeetScoringModel of(TaskModel<?, ?, ?> tuned) {
        TaskModel<TextPair, float[], float[]> model = tuned.asRegression(Reading.PAIR);
        return new LorikeetScoringModel(pairs -> model.predict(pairs).stream().map(all -> (double) all[0]).toList());
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        return Response.from(scores.apply(segments.stream().map(text -> new TextPair(query, text.text())).toList()));
    }
}
