package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's files of one's own, and the examples in them.
 *
 * @param recipe whose columns are settled
 * @param files those of the recipe
 * @param train the files to train with
 * @param model that is to learn from them, loaded when it is first asked for
 */
record FileExamples(Recipe recipe, Recipe.Files files, DataSource train, Supplier<Model> model) {
    /** How much larger texts are than their gzip, at most as a rule. */
    private static final int GZIP = 5;

    static FileExamples of(Recipe recipe, Recipe.Files files, Supplier<Model> model) {
        return new FileExamples(recipe, files, files.source(files.train()), model);
    }

    /** What there is to train with. */
    Table table() {
        return new Table(train, files.format());
    }

    /** Whether the files to train with are not kept in memory. */
    boolean areLarge() {
        return files.train().stream().mapToLong(FileExamples::bytes).sum() > recipe.memory();
    }

    private static long bytes(Path file) {
        try {
            InputFile.requireRegular(file);
            return Files.size(file) * (file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") ? GZIP : 1);
        } catch (IOException e) {
            throw InputFile.error(file, e);
        }
    }

    /**
     * The examples to train with, as many as the recipe's limit says.
     *
     * @param targets the columns of the target, by which {@code target} asks a row
     * @param how says what {@code target} does to them
     */
    <X, Y> Examples<X, Y> examples(Input<X> input, List<String> targets, String how, Function<Row, Y> target) {
        return examples(() -> table().stream(input, targets, how, target),
                () -> table().samples(input, targets, target));
    }

    /**
     * As many as the recipe's limit says.
     *
     * @param streamed all, of files that are not kept in memory
     * @param kept all, of others
     */
    <X, Y> Examples<X, Y> examples(Supplier<Examples<X, Y>> streamed, Supplier<Examples<X, Y>> kept) {
        return sample(areLarge() ? streamed.get() : kept.get(), recipe);
    }

    /** At most as many as the recipe's limit, in their order, drawn at random. */
    static <X, Y> Examples<X, Y> sample(Examples<X, Y> all, Recipe recipe) {
        Integer limit = recipe.limit();
        return limit == null || limit >= all.size() ? all
                : Samples.of(all, IntStream.of(Random.permutation(all.size(), Random.key(recipe.dataSeed(), "sample")))
                        .limit(limit));
    }

    /** A task with these examples to train with, and those of the other files. */
    <X, Y, P> TaskData<X, Y, P> with(CommandTask<X, Y, P> task, Examples<X, Y> examples) {
        Map<String, DataSource> sources = new LinkedHashMap<>(Map.of(TaskData.TRAIN, train));
        @Nullable
        Examples<X, Y> validation = null;
        if (recipe.validation() instanceof Held.Files(List<Path> paths)) {
            DataSource source = files.source(paths);
            sources.put(TaskData.VALIDATE, source);
            validation = task.read(source, recipe);
        }
        DataSource test = files.source(files.test());
        sources.put(TaskData.TEST, test);
        return new TaskData<>(examples.name(), task, examples, validation, task.read(test, recipe), sources);
    }

    /** Where all targets are one there is nothing to learn. */
    void requireSeveral(List<?> different, String all) {
        if (different.size() < 2) {
            throw new InputException(train.paths() + ": " + all + Shown.value(different.getFirst())
                    + ", at least two are needed");
        }
    }
}
