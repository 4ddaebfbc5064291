package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.LanguageTask;
import dev.lorikeet.transformer.task.TextTask;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.UnigramModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What language models have in common: inputs that are their own targets. */
interface LanguageWork<X, P> extends CommandTask<X, X, P> {
    @Override
    LanguageTask<X, P> task();

    /** The most tokens of an example that has several texts; 0 where each is one. */
    default int blockSize() {
        return task() instanceof TextTask<?, ?> texts ? texts.blockSize() : 0;
    }

    /** The task's name in recipes. */
    TaskKind kind();

    @Override
    default Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("task", kind().fileName()));
        if (blockSize() > 0) {
            settings.put("training.block-size", Integer.toString(blockSize()));
        }
        return settings;
    }

    @Override
    default List<String> labels() {
        return List.of();
    }

    @Override
    default String title() {
        return kind().fileName() + " language model" + (blockSize() == 0 ? ""
                : " of " + things() + " in blocks of " + Format.count(blockSize()) + " tokens");
    }

    /** What inputs are called. */
    default String things() {
        return "texts";
    }

    /** Where a table has an input. */
    Input<X> input(Recipe.Files files);

    @Override
    default String metric() {
        return "perplexity";
    }

    @Override
    default Samples<X, X> read(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        Samples<X, String> inputs = new Table(source, files.format()).samples(input(files), List.of(), _ -> "");
        return new Samples<>(inputs.name(), inputs.inputs(), inputs.inputs());
    }

    /** This with the inputs to train with. */
    default TaskData<X, X, P> with(FileExamples files) {
        Input<X> input = input(files.files());
        return files.with(this, files.examples(() -> files.table().stream(input, input.columns(), "", input.reader()),
                () -> read(files.train(), files.recipe())));
    }

    @Override
    default int texts() {
        return 1;
    }

    /** The model as it is before it is trained, which is worth nothing where its head is new. */
    @Override
    default Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe) {
        Map<String, Supplier<Evaluation>> baselines = new LinkedHashMap<>();
        baselines.put("unigram model", () -> UnigramModel.run(train, test));
        baselines.put("model before training",
                () -> test.evaluate(recipe.training().batchSize(), new Workspace()));
        return baselines;
    }

    @Override
    default List<List<String>> summary(Examples<X, X> train, Examples<X, X> test) {
        return List.of(List.of("", things()), List.of("train", Format.count(train.size())),
                List.of("test", Format.count(test.size())));
    }
}
