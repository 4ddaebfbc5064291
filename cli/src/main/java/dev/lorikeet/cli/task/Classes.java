package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.training.EncodedExamples;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    /** A file with one class is no task, and neither is one with one example left. */
    static void requireSeveral(Dataset<?> train, String place) {
        int label = train.examples().getFirst().label();
        if (train.examples().stream().allMatch(example -> example.label() == label)) {
            String which = train.labels().size() == 1 ? "every example" : "the only example that the limit leaves";
            throw new InputException(place + ": " + which + " is of the class \"" + train.labels().get(label)
                    + "\", at least two are needed");
        }
    }

    /** Of a column that has neither lists nor numbers with decimals. */
    static final class OfRecipe extends LabelledTexts {
        @Override
        public TaskKind kind() {
            return TaskKind.CLASSIFICATION;
        }

        @Override
        <X> TaskData<X, ?, ?> read(FileExamples files, Reading<X> reading, Columns columns) {
            Recipe recipe = files.recipe();
            String column = columns.labels().getFirst();
            DataFile<X> file = new DataFile<>(files.table(), reading.columns(columns.inputs()), column);
            if (recipe.limit() == null && files.areLarge()) {
                List<String> labels = file.labels();
                files.requireSeveral(labels, "column \"" + column + "\": every example is of the class ");
                return files.with(task(reading, labels, recipe), file.stream(labels));
            }
            Dataset<X> train = recipe.limit() == null ? file.read() : file.sample(recipe.limit(), recipe.dataSeed());
            requireSeveral(train, files.train().paths() + ": column \"" + column + "\"");
            return files.with(task(reading, train.labels(), recipe), train);
        }

        private static <X> Classes<X> task(Reading<X> reading, List<String> labels, Recipe recipe) {
            return new Classes<>(new SequenceClassification<>(reading, labels, recipe.head()));
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof SequenceClassification<?> classes ? new Classes<>(classes) : null;
        }
    }
}
