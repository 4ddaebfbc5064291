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
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.LanguageTask;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.UnigramModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What language models have in common: texts alone. */
sealed interface LanguageWork<P> extends CommandTask<String, String, P> permits Masked, Causal {
    @Override
    LanguageTask<P> task();

    /** The task's name in recipes. */
    TaskKind kind();

    @Override
    default Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(Map.of("task", kind().fileName()));
        if (task().blockSize() > 0) {
            settings.put("training.block-size", Integer.toString(task().blockSize()));
        }
        return settings;
    }

    @Override
    default List<String> labels() {
        return List.of();
    }

    @Override
    default String title() {
        return kind().fileName() + " language model"
                + (task().blockSize() == 0 ? ""
                        : " of texts in blocks of " + Format.count(task().blockSize())
                                + " tokens");
    }

    @Override
    default String metric() {
        return "perplexity";
    }

    @Override
    default Samples<String, String> read(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        Samples<String, String> texts = new Table(source, files.format())
                .samples(Input.text(Objects.requireNonNull(files.text())), List.of(), _ -> "");
        return new Samples<>(texts.name(), texts.inputs(), texts.inputs());
    }

    /** The texts to train with, which are not kept. */
    default Examples<String, String> stream(DataSource source, Recipe recipe) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        String column = Objects.requireNonNull(files.text());
        return new Table(source, files.format()).stream(Input.text(column), List.of(column), "",
                row -> row.text(0));
    }

    @Override
    default int texts() {
        return 1;
    }

    @Override
    default String input(List<String> texts) {
        return texts.getFirst();
    }

    /** Whole, since what is too long for a model is cut into pieces, and not off. */
    @Override
    default List<Encoding> encodings(String input, Model model) {
        return List.of(model.tokenizer().encode(input, Integer.MAX_VALUE));
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
    default List<List<String>> summary(Examples<String, String> train, Examples<String, String> test) {
        return List.of(List.of("", "texts"), List.of("train", Format.count(train.size())),
                List.of("test", Format.count(test.size())));
    }
}
