package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceTask;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.EncodedExamples;
import dev.lorikeet.transformer.training.LinearProbe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the tasks of whole texts and pairs have in common. */
interface SequenceWork<X, Y, P> extends CommandTask<X, Y, P> {
    @Override
    SequenceTask<X, Y, P> task();

    /** The title of the task of texts. */
    String plainTitle();

    /** Examples in the columns of a table. */
    Examples<X, Y> read(Table table, Columns columns);

    /** The name of the baseline that says the same of every input. */
    String constantName();

    /** The constant logits with about the least loss on {@code train}. */
    float[] constant(EncodedExamples train);

    /** The task's name in recipes. */
    TaskKind kind();

    @Override
    default Map<String, String> settings() {
        return Map.of("task", kind().fileName());
    }

    @Override
    default String title() {
        return reading().equals(Reading.TEXT) ? plainTitle() : plainTitle() + " of " + reading() + "s";
    }

    /** An input as a person reads it. */
    default String text(X input) {
        return String.join("  |  ", reading().texts(input));
    }

    /** How an input is read. */
    default Reading<X> reading() {
        return task().reading();
    }

    @Override
    default List<String> labels() {
        return task().labels();
    }

    @Override
    default Examples<X, Y> read(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        return read(new Table(source, files.format()), Columns.of(files));
    }

    @Override
    default int texts() {
        return reading().count();
    }

    @Override
    default X input(List<String> texts) {
        return reading().input(texts);
    }

    /** Inputs in the columns of a file. */
    default Input<X> input(Columns columns) {
        return reading().columns(columns.inputs());
    }

    @Override
    default List<Encoding> encodings(X input, Model model) {
        return List.of(reading().encoding(input, model));
    }

    @Override
    default Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe) {
        Map<String, Supplier<Evaluation>> baselines = new LinkedHashMap<>();
        baselines.put(constantName(), () -> evaluate(constant(train.examples()), test));
        if (recipe.probe()) {
            baselines.put(PROBE, () -> LinearProbe.run(train, test, recipe.training().seed()));
        }
        return baselines;
    }

    /** What saying the same of every one of {@code test} is worth. */
    private Evaluation evaluate(float[] logits, EncodedDataset test) {
        Tensor rows = Tensor.zeros(test.size(), logits.length);
        for (int i = 0; i < test.size(); i++) {
            System.arraycopy(logits, 0, rows.data(), i * logits.length, logits.length);
        }
        Meter meter = task().meter();
        meter.add(rows, test.examples().toList());
        return meter.result(0);
    }
}
