package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.TableFile;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's examples.
 *
 * @param name what people call the data set
 * @param validation what chooses the best epoch, or null where nothing does
 */
public record TaskData<X, Y, P>(String name, CommandTask<X, Y, P> task, Examples<X, Y> train,
        @Nullable Examples<X, Y> validation, Examples<X, Y> test) {
    /**
     * Reads both parts; of the first, a sample of as many examples as the recipe's limit says.
     *
     * @param recipe whose columns are settled
     * @throws InputException if a file is wrong, or there is only one class
     */
    public static TaskData<?, ?, ?> read(Recipe recipe) {
        TaskData<?, ?, ?> all = readAll(recipe);
        return recipe.validation() instanceof Held.Share(double of) ? all.split(of, recipe.dataSeed()) : all;
    }

    private static TaskData<?, ?, ?> readAll(Recipe recipe) {
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> {
                WordNetGlosses.Split split = WordNetGlosses.split(wordNet.seed());
                Integer limit = recipe.limit();
                Dataset<String> train = limit == null ? split.train() : split.train().sample(limit, wordNet.seed());
                requireClasses(train, "training.limit");
                yield new TaskData<>("WordNet 3.1 noun glosses", new Classes<>(Tasks.classification(train.labels())),
                        train, null, split.test());
            }
            case Recipe.Files files when files.task() == TaskKind.TOKENS -> {
                Samples<List<String>, List<String>> train = sample(Tags.file(files.train(), files).read(),
                        recipe.limit(), files.seed());
                requireSeveral(train.targets().stream().flatMap(List::stream).distinct().limit(2).toList(),
                        files.train() + ": every word has the tag ");
                yield of(recipe, files, new Tags(Tasks.tokenClassification(train)), train);
            }
            case Recipe.Files files when files.task() == TaskKind.EMBEDDINGS -> {
                Embeddings task = new Embeddings(Tasks.embedding(recipe.embedding().pooling(),
                        Objects.requireNonNull(recipe.embedding().loss())));
                Samples<List<String>, Float> train = (Samples<List<String>, Float>) task.read(files.train(), recipe);
                yield of(recipe, files, task, sample(train, recipe.limit(), files.seed()));
            }
            case Recipe.Files files -> {
                Reading<?> reading = files.pair() == null ? Reading.TEXT : Reading.PAIR;
                yield read(files, recipe, reading);
            }
        };
    }

    private static <X> TaskData<X, ?, ?> read(Recipe.Files files, Recipe recipe, Reading<X> reading) {
        Integer limit = recipe.limit();
        TableFile table = new TableFile(files.train(), files.format());
        Columns columns = Columns.of(files);
        TaskKind kind = Objects.requireNonNull(files.task());
        return switch (kind) {
            case CLASSIFICATION -> {
                DataFile<X> file = new DataFile<>(table, reading.columns(columns.inputs()),
                        columns.labels().getFirst());
                Dataset<X> train = limit == null ? file.read() : file.sample(limit, files.seed());
                requireClasses(train, files.train() + ": column \"" + columns.labels().getFirst() + "\"");
                yield of(recipe, files, new Classes<>(Tasks.classification(reading, train.labels())), train);
            }
            case MULTI_LABEL -> {
                Samples<X, List<String>> named = sample(table.samples(reading.columns(columns.inputs()),
                        columns.labels(), row -> row.labels(0, columns.separator())), limit, files.seed());
                Set<String> labels = new TreeSet<>();
                named.targets().forEach(labels::addAll);
                if (labels.isEmpty()) {
                    throw new InputException(files.train() + ": column \"" + columns.labels().getFirst()
                            + "\": no example has a label");
                }
                LabelSets<X> task = new LabelSets<>(Tasks.multiLabel(reading, List.copyOf(labels)));
                yield of(recipe, files, task, task.numbered(named));
            }
            case REGRESSION -> {
                Samples<X, float[]> train = sample(table.samples(reading.columns(columns.inputs()), columns.labels(),
                        row -> Numbers.numbers(row, columns)), limit, files.seed());
                for (int i = 0; i < columns.labels().size(); i++) {
                    int name = i;
                    requireSeveral(train.targets().stream().map(own -> own[name]).distinct().limit(2).toList(),
                            files.train() + ": column \"" + columns.labels().get(i) + "\": every example has ");
                }
                yield of(recipe, files, new Numbers<>(Tasks.regression(reading, names(files), train)), train);
            }
            case TOKENS, EMBEDDINGS -> throw new IllegalArgumentException(kind + " reads no whole texts alone");
        };
    }

    /** Without a header, columns have no names. */
    private static List<String> names(Recipe.Files files) {
        return files.format().header() ? files.labels()
                : files.labels().stream().map(number -> "column " + number).toList();
    }

    private static <X, Y, P> TaskData<X, Y, P> of(Recipe recipe, Recipe.Files files, CommandTask<X, Y, P> task,
            Examples<X, Y> train) {
        Examples<X, Y> validation = recipe.validation() instanceof Held.File(Path path) ? task.read(path, recipe)
                : null;
        return new TaskData<>(train.name(), task, train, validation, task.read(files.test(), recipe));
    }

    /** These with a share of the training examples held out, of each stratum its part. */
    private TaskData<X, Y, P> split(double share, long seed) {
        int[] strata = IntStream.range(0, train.size()).map(i -> task.stratum(train.target(i))).toArray();
        BitSet held = Strata.draw(strata, share, seed);
        if (held.isEmpty() || held.cardinality() == train.size()) {
            throw new InputException("validation: a share of " + share + " of " + train.size() + " examples leaves "
                    + (held.isEmpty() ? "none to validate with" : "none to train with"));
        }
        BitSet kept = (BitSet) held.clone();
        kept.flip(0, train.size());
        return new TaskData<>(name, task, Samples.of(train, kept.stream()), Samples.of(train, held.stream()), test);
    }

    /** At most {@code limit} in their order, drawn at random. */
    private static <X, Y> Samples<X, Y> sample(Samples<X, Y> all, @Nullable Integer limit, long seed) {
        return limit == null || limit >= all.size() ? all
                : Samples.of(all, IntStream.of(Random.permutation(all.size(), Random.key(seed, "sample")))
                        .limit(limit).sorted());
    }

    /** Where all targets are one there is nothing to learn. */
    private static void requireSeveral(List<?> different, String all) {
        if (different.size() < 2) {
            throw new InputException(all + Shown.value(different.getFirst()) + ", at least two are needed");
        }
    }

    /** A file with one class is no task, and neither is one with one example left. */
    private static void requireClasses(Dataset<?> train, String place) {
        int label = train.examples().getFirst().label();
        if (train.examples().stream().allMatch(example -> example.label() == label)) {
            String which = train.labels().size() == 1 ? "every example" : "the only example that the limit leaves";
            throw new InputException(place + ": " + which + " is of the class \"" + train.labels().get(label)
                    + "\", at least two are needed");
        }
    }

    /**
     * The test examples alone, for a model that is there.
     *
     * @throws InputException if a file is wrong, or has a label that is none of the model's
     */
    public static <X, Y> Examples<X, Y> readTest(Recipe recipe, CommandTask<X, Y, ?> task) {
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> wordNet(wordNet.seed(), task);
            case Recipe.Files files -> {
                int texts = files.pair() == null ? 1 : 2;
                if (texts != task.texts()) {
                    throw new InputException("the model reads " + (task.texts() == 1 ? "texts" : "pairs")
                            + ", and the recipe has " + (texts == 1 ? "one column of texts" : "two columns of texts"));
                }
                yield task.read(files.test(), recipe);
            }
        };
    }

    @SuppressWarnings("unchecked") // what is checked here is that the task is that of texts and their classes
    private static <X, Y> Examples<X, Y> wordNet(long seed, CommandTask<X, Y, ?> task) {
        Dataset<String> test = WordNetGlosses.split(seed).test();
        if (!(task instanceof Classes<?> classes) || !classes.reading().equals(Reading.TEXT)
                || !classes.task().labels().equals(test.labels())) {
            throw new InputException("the classes are not those of the recipe's data");
        }
        return (Examples<X, Y>) test;
    }

    /** How many of the test examples have an input that is one of the training examples', too. */
    public int inBoth() {
        Set<X> inputs = new HashSet<>();
        for (int i = 0; i < train.size(); i++) {
            inputs.add(train.input(i));
        }
        return (int) IntStream.range(0, test.size()).filter(i -> inputs.contains(test.input(i))).count();
    }
}
