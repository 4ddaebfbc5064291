package dev.lorikeet.cli.task;

import dev.lorikeet.cli.cron.CronExamples;
import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TaggedText;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.Answers;
import dev.lorikeet.transformer.task.LanguageForm;
import dev.lorikeet.transformer.task.MaskedLanguageModel;
import dev.lorikeet.transformer.task.Pooling;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's examples.
 *
 * @param name what people call the data set
 * @param validation what chooses the best epoch, or null where nothing does
 * @param sources the files, by the names of the parts; none of what is built in
 */
public record TaskData<X, Y, P>(String name, CommandTask<X, Y, P> task, Examples<X, Y> train,
        @Nullable Examples<X, Y> validation, Examples<X, Y> test, Map<String, DataSource> sources) {
    /** The names of the parts. */
    public static final String TRAIN = "train";
    public static final String VALIDATE = "validate";
    public static final String TEST = "test";

    /** Test examples where there is a limit for those to train with: each is answered twice. */
    private static final int FEW = 64;

    /** How much larger texts are than their gzip, at most as a rule. */
    private static final int GZIP = 5;

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
        if (recipe.data() instanceof Recipe.Files files && files.task() != TaskKind.CLASSIFICATION) {
            recipe.requireHead(Pooling.MEAN); // the task may not have been said
        }
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> {
                WordNetGlosses.Split split = WordNetGlosses.split(wordNet.seed());
                Integer limit = recipe.limit();
                Dataset<String> train = limit == null ? split.train() : split.train().sample(limit, wordNet.seed());
                requireClasses(train, "training.limit");
                yield new TaskData<>("WordNet 3.1 noun glosses", new Classes<>(Tasks.classification(train.labels())),
                        train, null, split.test(), Map.of());
            }
            case Recipe.Cron cron -> {
                CronExamples.Split split = CronExamples.split(cron.seed());
                Integer limit = recipe.limit();
                yield new TaskData<>("cron expressions of descriptions", new Causal<>(Tasks.completion()),
                        sample(split.train(), recipe), null,
                        limit == null ? split.test()
                                : Samples.of(split.test(), IntStream.range(0, Math.min(FEW, split.test().size()))),
                        Map.of());
            }
            case Recipe.Files files when files.task() == TaskKind.TOKENS -> {
                DataSource source = files.source(files.train());
                TaggedText text = Tags.text(source, files);
                Examples<List<String>, List<String>> train = sample(isLarge(recipe) ? text.stream() : text.read(),
                        recipe);
                Set<String> tags = new TreeSet<>();
                train.forEach((_, own) -> tags.addAll(own));
                requireSeveral(List.copyOf(tags), source.paths() + ": every word has the tag ");
                yield of(recipe, source, new Tags(Tasks.tokenClassification(List.copyOf(tags))), train);
            }
            case Recipe.Files files when files.task() == TaskKind.EMBEDDINGS -> {
                Embeddings task = new Embeddings(Tasks.embedding(recipe.embedding().pooling(),
                        Objects.requireNonNull(recipe.embedding().loss())));
                DataSource source = files.source(files.train());
                yield of(recipe, source, task, sample(isLarge(recipe) ? task.stream(source, recipe)
                        : task.read(source, recipe), recipe));
            }
            case Recipe.Files files when files.task() == TaskKind.QUESTION_ANSWERING -> {
                DataSource source = files.source(files.train());
                Examples<TextPair, Answers> train = sample(isLarge(recipe) ? Spans.stream(source, files)
                        : Spans.samples(source, files), recipe);
                yield of(recipe, source, Spans.of(recipe, train), train);
            }
            case Recipe.Files files when files.task() == TaskKind.MASKED ->
                inputs(recipe, files, new Masked(new MaskedLanguageModel(recipe.blockSize())));
            case Recipe.Files files when files.task() == TaskKind.CAUSAL ->
                inputs(recipe, files, Causal.of(recipe, files, files.source(files.train())));
            case Recipe.Files files -> {
                Reading<?> reading = files.pair() == null ? Reading.TEXT : Reading.PAIR;
                yield read(files, recipe, reading);
            }
        };
    }

    private static <X, P> TaskData<X, X, P> inputs(Recipe recipe, Recipe.Files files, LanguageWork<X, P> task) {
        DataSource source = files.source(files.train());
        return of(recipe, source, task,
                sample(isLarge(recipe) ? task.stream(source, recipe) : task.read(source, recipe), recipe));
    }

    private static <X> TaskData<X, ?, ?> read(Recipe.Files files, Recipe recipe, Reading<X> reading) {
        Integer limit = recipe.limit();
        DataSource source = files.source(files.train());
        Table table = new Table(source, files.format());
        Columns columns = Columns.of(files);
        TaskKind kind = Objects.requireNonNull(files.task());
        return switch (kind) {
            case CLASSIFICATION -> {
                DataFile<X> file = new DataFile<>(table, reading.columns(columns.inputs()),
                        columns.labels().getFirst());
                if (limit == null && isLarge(recipe)) {
                    List<String> labels = file.labels();
                    requireSeveral(labels, source.paths() + ": column \"" + columns.labels().getFirst()
                            + "\": every example is of the class ");
                    yield of(recipe, source, new Classes<>(new SequenceClassification<>(reading, labels,
                            recipe.head())), file.stream(labels));
                }
                Dataset<X> train = limit == null ? file.read() : file.sample(limit, files.seed());
                requireClasses(train, source.paths() + ": column \"" + columns.labels().getFirst() + "\"");
                yield of(recipe, source, new Classes<>(new SequenceClassification<>(reading, train.labels(),
                        recipe.head())), train);
            }
            case MULTI_LABEL -> {
                Examples<X, List<String>> named = examples(table, reading, columns, recipe,
                        row -> row.labels(0, columns.separator()));
                Set<String> labels = new TreeSet<>();
                named.forEach((_, own) -> labels.addAll(own));
                if (labels.isEmpty()) {
                    throw new InputException(source.paths() + ": column \"" + columns.labels().getFirst()
                            + "\": no example has a label");
                }
                LabelSets<X> task = new LabelSets<>(Tasks.multiLabel(reading, List.copyOf(labels)));
                yield of(recipe, source, task, task.numbered(named));
            }
            case REGRESSION -> {
                Examples<X, float[]> train = examples(table, reading, columns, recipe,
                        row -> Numbers.numbers(row, columns));
                List<Set<Float>> different = columns.labels().stream().<Set<Float>>map(_ -> new TreeSet<>()).toList();
                train.forEach((_, own) -> {
                    for (int i = 0; i < own.length; i++) {
                        if (different.get(i).size() < 2) {
                            different.get(i).add(own[i]);
                        }
                    }
                });
                for (int i = 0; i < different.size(); i++) {
                    requireSeveral(List.copyOf(different.get(i)), source.paths() + ": column \""
                            + columns.labels().get(i) + "\": every example has ");
                }
                yield of(recipe, source, new Numbers<>(Tasks.regression(reading, names(files), train)), train);
            }
            case TOKENS, EMBEDDINGS, QUESTION_ANSWERING, MASKED, CAUSAL ->
                throw new IllegalArgumentException(kind + " reads no whole texts alone");
        };
    }

    private static <X, Y> Examples<X, Y> examples(Table table, Reading<X> reading, Columns columns, Recipe recipe,
            Function<Row, Y> target) {
        Input<X> input = reading.columns(columns.inputs());
        return sample(isLarge(recipe) ? table.stream(input, columns.labels(), columns.separator(), target)
                : table.samples(input, columns.labels(), target), recipe);
    }

    /** Whether the files to train with are not kept in memory. */
    private static boolean isLarge(Recipe recipe) {
        return ((Recipe.Files) recipe.data()).train().stream().mapToLong(TaskData::bytes).sum() > recipe.memory();
    }

    private static long bytes(Path file) {
        try {
            InputFile.requireRegular(file);
            return Files.size(file) * (file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") ? GZIP : 1);
        } catch (IOException e) {
            throw InputFile.error(file, e);
        }
    }

    /** Without a header, columns have no names. */
    private static List<String> names(Recipe.Files files) {
        return files.format().header() ? files.labels()
                : files.labels().stream().map(number -> "column " + number).toList();
    }

    private static <X, Y, P> TaskData<X, Y, P> of(Recipe recipe, DataSource train, CommandTask<X, Y, P> task,
            Examples<X, Y> examples) {
        Recipe.Files files = (Recipe.Files) recipe.data();
        Map<String, DataSource> sources = new LinkedHashMap<>(Map.of(TRAIN, train));
        @Nullable
        Examples<X, Y> validation = null;
        if (recipe.validation() instanceof Held.Files(List<Path> paths)) {
            DataSource source = files.source(paths);
            sources.put(VALIDATE, source);
            validation = task.read(source, recipe);
        }
        DataSource test = files.source(files.test());
        sources.put(TEST, test);
        return new TaskData<>(examples.name(), task, examples, validation, task.read(test, recipe), sources);
    }

    /** These with a share of the training examples held out, of each stratum its part. */
    private TaskData<X, Y, P> split(double share, long seed) {
        IntStream.Builder strata = IntStream.builder();
        train.forEach((_, target) -> strata.add(task.stratum(target)));
        BitSet held = Strata.draw(strata.build().toArray(), share, seed);
        if (held.isEmpty() || held.cardinality() == train.size()) {
            throw new InputException("validation: a share of " + share + " of " + train.size() + " examples leaves "
                    + (held.isEmpty() ? "none to validate with" : "none to train with"));
        }
        BitSet kept = (BitSet) held.clone();
        kept.flip(0, train.size());
        return new TaskData<>(name, task, select(train, kept), select(train, held), test, sources);
    }

    private static <X, Y> Examples<X, Y> select(Examples<X, Y> all, BitSet which) {
        return all instanceof StreamedExamples<X, Y> streamed ? streamed.select(which)
                : Samples.of(all, which.stream());
    }

    /** At most as many as the recipe's limit, in their order, drawn at random. */
    private static <X, Y> Examples<X, Y> sample(Examples<X, Y> all, Recipe recipe) {
        Integer limit = recipe.limit();
        return limit == null || limit >= all.size() ? all
                : Samples.of(all, IntStream.of(Random.permutation(all.size(), Random.key(recipe.dataSeed(), "sample")))
                        .limit(limit));
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
     * @param source the files that have them; null where they are built in
     * @throws InputException if a file is wrong, or has a label that is none of the model's
     */
    public static <X, Y> Examples<X, Y> readTest(Recipe recipe, CommandTask<X, Y, ?> task,
            @Nullable DataSource source) {
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> wordNet(wordNet.seed(), task);
            case Recipe.Cron cron -> cron(cron.seed(), task);
            case Recipe.Files files -> {
                int texts = files.pair() == null ? 1 : 2;
                if (texts != task.texts()) {
                    throw new InputException("the model reads " + (task.texts() == 1 ? "texts" : "pairs")
                            + ", and the recipe has " + (texts == 1 ? "one column of texts" : "two columns of texts"));
                }
                yield task.read(Objects.requireNonNull(source), recipe);
            }
        };
    }

    @SuppressWarnings("unchecked") // what is checked here is that the task is that of completions
    private static <X, Y> Examples<X, Y> cron(long seed, CommandTask<X, Y, ?> task) {
        if (!(task instanceof Causal<?> causal) || !causal.task().form().equals(LanguageForm.COMPLETION)) {
            throw new InputException("the model completes no prompts, as the recipe's data has them");
        }
        return (Examples<X, Y>) (Examples<?, ?>) CronExamples.split(seed).test();
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
        Map<X, Integer> left = new HashMap<>(); // of the test examples alone: those to train with may be any number
        test.forEach((input, _) -> left.merge(input, 1, Integer::sum));
        int[] both = new int[1];
        train.forEach((input, _) -> {
            Integer count = left.remove(input);
            both[0] += count == null ? 0 : count;
        });
        return both[0];
    }
}
