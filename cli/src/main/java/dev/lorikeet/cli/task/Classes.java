package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.training.EncodedExamples;
import java.util.List;
import java.util.Map;

/** One class of each input. */
record Classes<X>(SequenceClassification<X> task) implements SequenceWork<X, Integer, List<Prediction>> {
    @Override
    public TaskKind kind() {
        return TaskKind.CLASSIFICATION;
    }

    @Override
    public String plainTitle() {
        return "classification";
    }

    @Override
    public String outputs() {
        return Format.count(task.labels().size(), "class", "classes");
    }

    @Override
    public String metric() {
        return "accuracy";
    }

    @Override
    public Examples<X, Integer> read(Table table, Columns columns) {
        return new DataFile<>(table, input(columns), columns.labels().getFirst()).read(task.labels());
    }

    @Override
    public String constantName() {
        return "majority class";
    }

    /** The share of each class. */
    @Override
    public float[] constant(EncodedExamples train) {
        int[] counts = new int[task.labels().size()];
        for (int i = 0; i < train.size(); i++) {
            counts[train.get(i).classes()[0]]++;
        }
        float[] logits = new float[counts.length];
        for (int label = 0; label < logits.length; label++) {
            logits[label] = (float) StrictMath.log(Math.max(counts[label], 0.5) / train.size());
        }
        return logits;
    }

    @Override
    public int stratum(Integer target) {
        return target;
    }

    @Override
    public List<List<String>> summary(Examples<X, Integer> train, Examples<X, Integer> test) {
        return Told.counts("class", task.labels(), count(train), count(test));
    }

    private int[] count(Examples<X, Integer> data) {
        int[] counts = new int[task.labels().size()];
        data.forEach((_, target) -> counts[target]++);
        return counts;
    }

    @Override
    public List<Mistake> mistakes(Examples<X, Integer> data, Details details) {
        return Mistakes.of((Classified) details, task.labels(), i -> text(data.input(i)));
    }

    @Override
    public String show(Integer target) {
        return task.labels().get(target);
    }

    @Override
    public void tell(X input, List<Prediction> prediction, int top, Terminal terminal) {
        Told.probabilities(prediction.subList(0, Math.min(top, prediction.size())), terminal);
        if (top < prediction.size()) {
            double rest = prediction.subList(top, prediction.size()).stream().mapToDouble(Prediction::probability)
                    .sum();
            terminal.line("  and " + Format.count(prediction.size() - top, "class", "classes") + " with "
                    + Format.percent(rest) + " together");
        }
    }

    @Override
    public List<String> cellNames() {
        return List.of("label", "probability");
    }

    /** The most probable class alone. */
    @Override
    public List<?> cells(List<Prediction> prediction) {
        return List.of(prediction.getFirst().label(), prediction.getFirst().probability());
    }

    @Override
    public Map<String, Object> json(X input, List<Prediction> prediction, int top) {
        return Map.of("predictions", Told.json(prediction.subList(0, Math.min(top, prediction.size()))));
    }
}
