package dev.lorikeet.cli.task;

import dev.lorikeet.cli.cron.CronExamples;
import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.WordNetGlosses;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.HeadChoice;
import dev.lorikeet.transformer.task.LanguageForm;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.Tasks;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
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

    /**
     * Reads both parts; of the first, a sample of as many examples as the recipe's limit says.
     *
     * @param recipe whose columns are settled
     * @param model asked for where it may have no room for some rows
     * @throws InputException if a file is wrong, or there is only one class
     */
    public static TaskData<?, ?, ?> read(Recipe recipe, Supplier<Model> model) {
        TaskData<?, ?, ?> all = readAll(recipe, model);
        return recipe.validation() instanceof Held.Share(double of) ? all.split(of, recipe.dataSeed()) : all;
    }

    private static TaskData<?, ?, ?> readAll(Recipe recipe, Supplier<Model> model) {
        if (recipe.data() instanceof Recipe.Files files && files.task() != TaskKind.CLASSIFICATION) {
            recipe.requireHead(HeadChoice.MEAN); // the task may not have been said
        }
        return switch (recipe.data()) {
            case Recipe.WordNet wordNet -> {
                WordNetGlosses.Split split = WordNetGlosses.split(wordNet.seed());
                Integer limit = recipe.limit();
                Dataset<String> train = limit == null ? split.train() : split.train().sample(limit, wordNet.seed());
                Classes.requireSeveral(train, "training.limit");
                yield new TaskData<>("WordNet 3.1 noun glosses", new Classes<>(Tasks.classification(train.labels())),
                        train, null, split.test(), Map.of());
            }
            case Recipe.Cron cron -> {
                CronExamples.Split split = CronExamples.split(cron.seed());
                Integer limit = recipe.limit();
                yield new TaskData<>("cron expressions of descriptions", new Causal<>(Tasks.completion()),
                        FileExamples.sample(split.train(), recipe), null,
                        limit == null ? split.test()
                                : Samples.of(split.test(), IntStream.range(0, Math.min(FEW, split.test().size()))),
                        Map.of());
            }
            case Recipe.Files files -> {
                Table table = new Table(files.source(files.train()), files.format());
                yield RecipeTasks.of(files, table).read(FileExamples.of(recipe, files, model));
            }
        };
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
