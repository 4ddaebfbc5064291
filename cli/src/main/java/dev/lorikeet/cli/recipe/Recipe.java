package dev.lorikeet.cli.recipe;

import dev.lorikeet.lora.LoraOptimizer;
import dev.lorikeet.transformer.data.BadRows;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import dev.lorikeet.transformer.task.HeadChoice;
import dev.lorikeet.transformer.task.LossOn;
import dev.lorikeet.transformer.task.QuestionAnswering;
import dev.lorikeet.transformer.task.TruncationSide;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to fine-tune, on what, and how.
 *
 * @param values of the settings that {@link RecipeSettings} declares, as far as its data and its method have them
 */
public record Recipe(Settings values) {
    /** Where the labelled texts are from. */
    public sealed interface Data permits WordNet, Cron, Files {}

    /**
     * The built-in task.
     *
     * @param seed of the sample; not the seed of the training, so that runs can be compared
     */
    public record WordNet(long seed) implements Data {}

    /**
     * The built-in task of language models.
     *
     * @param seed of the descriptions; not the seed of the training
     */
    public record Cron(long seed) implements Data {}

    /**
     * Files of one's own: TSV, CSV or JSONL.
     *
     * @param train at least one
     * @param test at least one
     * @param format of all
     * @param badRows what becomes of rows that are wrong
     * @param task null where the columns are to tell
     * @param text the column of the texts, or null
     * @param pair the column of the texts that are read with them, or null
     * @param labels the columns of the labels; none where they are to be found
     * @param separator between labels in one field
     * @param seed of the sample that a limit takes
     */
    public record Files(List<Path> train, List<Path> test, TableFormat format, BadRows badRows,
            @Nullable TaskKind task, @Nullable String text, @Nullable String pair, List<String> labels,
            String separator, long seed) implements Data {
        /** Files that are read as these are. */
        public DataSource source(List<Path> paths) {
            return new DataSource(paths, badRows);
        }

        /** As a person reads it; nothing where they have the usual names. */
        public String columns() {
            String from = text == null ? "" : ", from " + text + (pair == null ? "" : " and " + pair);
            return from + (labels.isEmpty() ? "" : " to " + String.join(", ", labels));
        }
    }

    /**
     * Where a table has texts to answer.
     *
     * @param texts the columns, two of pairs; none where the usual ones are meant
     */
    public record Table(TableFormat format, List<String> texts) {}

    /**
     * What is said of embeddings alone.
     *
     * @param negative the column of texts that must not be near, or null
     * @param loss null where the columns are to tell
     * @param largestScore what scores are divided by, or null
     */
    public record Embedding(@Nullable String negative, @Nullable EmbeddingLoss loss, Pooling pooling,
            @Nullable Double largestScore) {}

    /**
     * The answers of a language model to test examples.
     *
     * @param most so many prompts are answered; 0 for none
     * @param scores by what
     * @param values of {@link RecipeSettings#ofWriting}
     */
    public record Writing(int most, List<ScoreKind> scores, Settings values) {
        /** How they are written, where a model's files say {@code usual}: nothing is drawn. */
        public GenerationSettings over(GenerationSettings usual) {
            GenerationSettings settings = usual.with(GenerationSettings.DO_SAMPLE, false)
                    .with(GenerationSettings.NUM_RETURN_SEQUENCES, 1);
            for (Setting<?> setting : RecipeSettings.HOW) {
                settings = with(settings, setting);
            }
            return settings;
        }

        private <T> GenerationSettings with(GenerationSettings settings, Setting<T> setting) {
            return settings.with(setting, values.get(setting));
        }
    }

    /**
     * What computes; the results do not depend on threads and vectors, on a device in their last digits.
     *
     * @param threads null for one per core
     * @param vector {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}
     * @param device {@code cpu}, {@code auto}, {@code gpu} or a number
     */
    public record Hardware(@Nullable Integer threads, String vector, String device) {}

    /** Names the folder the run is written to. */
    public String name() {
        return values.get(RecipeSettings.NAME);
    }

    /** A built-in model's name, the path of a Hugging Face directory or of a GGUF file, or a name on a hub. */
    public String model() {
        return values.get(RecipeSettings.MODEL);
    }

    /** The run or the adapter whose weights the training goes on from, or null for those of the model alone. */
    public @Nullable Path from() {
        return values.find(RecipeSettings.FROM);
    }

    public Data data() {
        long seed = dataSeed();
        if (values.has(RecipeSettings.SOURCE)) {
            return values.get(RecipeSettings.SOURCE).equals("cron") ? new Cron(seed) : new WordNet(seed);
        }
        String delimiter = values.find(RecipeSettings.DELIMITER);
        List<String> labels = values.find(RecipeSettings.LABEL_COLUMN);
        return new Files(values.get(RecipeSettings.TRAIN), values.get(RecipeSettings.TEST),
                new TableFormat(values.get(RecipeSettings.HEADER), delimiter == null ? null : delimiter.charAt(0)),
                values.get(RecipeSettings.BAD_ROWS), values.find(RecipeSettings.TASK),
                values.find(RecipeSettings.TEXT_COLUMN),
                values.find(RecipeSettings.PAIR_COLUMN), labels == null ? List.of() : labels,
                values.get(RecipeSettings.SEPARATOR), seed);
    }

    /** What is said of embeddings alone; of files. */
    public Embedding embedding() {
        return new Embedding(values.find(RecipeSettings.NEGATIVE_COLUMN), values.find(RecipeSettings.LOSS),
                values.get(RecipeSettings.POOLING), values.find(RecipeSettings.LARGEST_SCORE));
    }

    /** What tells classes; of files. */
    public HeadChoice head() {
        return values.get(RecipeSettings.HEAD);
    }

    /** @throws InputException if it is another one, which goes with classes alone */
    public void requireHead(HeadChoice only) {
        if (head() != only) {
            throw new InputException(RecipeSettings.flag(RecipeSettings.HEAD) + ": goes with the task "
                    + TaskKind.CLASSIFICATION.fileName());
        }
    }

    /** The most tokens of an example of a language model, or 0 where each text is one; of files. */
    public int blockSize() {
        Integer size = values.find(RecipeSettings.BLOCK_SIZE);
        return size == null ? 0 : size;
    }

    /** What is learned of prompts and messages; of files. */
    public LossOn lossOn() {
        return values.get(RecipeSettings.LOSS_ON);
    }

    /** The most tokens of an example that has a prompt or messages, or 0 for as many as the model reads; of files. */
    public int maxLength() {
        Integer length = values.find(RecipeSettings.MAX_LENGTH);
        return length == null ? 0 : length;
    }

    /** How many tokens parts of a long text have in common that are at most {@code length} long; of files. */
    public int docStride(int length) {
        Integer stride = values.find(RecipeSettings.DOC_STRIDE);
        if (stride != null && stride >= length) {
            throw new InputException(RecipeSettings.flag(RecipeSettings.DOC_STRIDE) + ": must be below "
                    + RecipeSettings.MAX_LENGTH.key() + ", " + length + ", not " + stride);
        }
        return stride == null ? Math.min(QuestionAnswering.USUAL_STRIDE, length / 3) : stride;
    }

    /** The most tokens of an answer; of files. */
    public int maxAnswerLength() {
        return values.get(RecipeSettings.MAX_ANSWER_LENGTH);
    }

    /** By how much no answer has to be above the best one, or null where that is to be found; of files. */
    public @Nullable Double nullThreshold() {
        return values.find(RecipeSettings.NULL_THRESHOLD);
    }

    /** Where such an example is cut off; of files. */
    public TruncationSide truncationSide() {
        return values.get(RecipeSettings.TRUNCATION_SIDE);
    }

    /** Whether, and how, the model answers test examples. */
    public Writing writing() {
        Settings own = values.only(RecipeSettings.ofWriting()::contains);
        return own.has(RecipeSettings.ANSWERS)
                ? new Writing(own.get(RecipeSettings.ANSWERS), own.get(RecipeSettings.SCORES), own)
                : new Writing(0, List.of(), own);
    }

    /** The examples that choose the best epoch, or null for none. */
    public @Nullable Held validation() {
        return values.find(RecipeSettings.VALIDATION);
    }

    /** This recipe with its task and its columns, where they were left to be found. */
    public Recipe with(TaskKind task, @Nullable String text, @Nullable String pair, List<String> labels) {
        for (Setting<?> setting : TaskKind.ownSettings()) {
            if (!TaskKind.with(setting).contains(task) && !Objects.equals(values.find(setting), setting.byDefault())) {
                throw new InputException(RecipeSettings.flag(setting) + ": " + TaskKind.goesWith(setting)
                        + ", and the columns are those of " + task.fileName());
            }
        }
        return new Recipe(values.with(RecipeSettings.TASK, task).with(RecipeSettings.TEXT_COLUMN, text)
                .with(RecipeSettings.PAIR_COLUMN, pair)
                .with(RecipeSettings.LABEL_COLUMN, labels.isEmpty() ? null : labels));
    }

    /** This recipe with what was left open of embeddings. */
    public Recipe with(Embedding embedding) {
        return new Recipe(values.with(RecipeSettings.NEGATIVE_COLUMN, embedding.negative)
                .with(RecipeSettings.LOSS, embedding.loss).with(RecipeSettings.LARGEST_SCORE, embedding.largestScore));
    }

    public Method method() {
        return values.get(MethodSettings.METHOD).method()
                .apply(values.only(values.get(MethodSettings.METHOD).settings()::contains));
    }

    public TrainingSettings training() {
        return new TrainingSettings(values.only(TrainingSettings.ALL::contains));
    }

    /** Of what is drawn from the data; not the seed of the training, so that runs can be compared. */
    public long dataSeed() {
        return values.get(RecipeSettings.DATA_SEED);
    }

    /** The settings of {@link LoraOptimizer}. */
    public Settings loraOptimizer() {
        return values.only(LoraOptimizer.ALL::contains);
    }

    /** How many training examples to use, of each class its share, or null for all. */
    public @Nullable Integer limit() {
        return values.find(RecipeSettings.LIMIT);
    }

    /** Whether a linear classifier on the frozen model is trained first, to compare with. */
    public boolean probe() {
        return values.get(RecipeSettings.PROBE);
    }

    /** Up to which size a file to train with is kept in memory, in bytes. */
    public long memory() {
        Integer mebibytes = values.find(RecipeSettings.MEMORY);
        return mebibytes == null ? Runtime.getRuntime().maxMemory() / 16 : (long) mebibytes << 20;
    }

    public Hardware compute() {
        return new Hardware(values.find(RecipeSettings.THREADS), values.get(RecipeSettings.VECTOR),
                values.get(RecipeSettings.DEVICE));
    }

    /** The MLflow server that hears of the run, or null for that of the environment. */
    public @Nullable URI mlflow() {
        return values.find(RecipeSettings.MLFLOW);
    }

    /** This recipe with its paths as they are from anywhere. */
    Recipe absolute() {
        Settings absolute = values;
        if (from() != null) {
            absolute = absolute.with(RecipeSettings.FROM, from().toAbsolutePath().normalize());
        }
        for (Setting<List<Path>> files : RecipeSettings.FILES) {
            List<Path> paths = values.has(files) ? values.find(files) : null;
            absolute = paths == null ? absolute : absolute.with(files, absolute(paths));
        }
        if (validation() instanceof Held.Files(List<Path> paths)) {
            absolute = absolute.with(RecipeSettings.VALIDATION, new Held.Files(absolute(paths)));
        }
        return new Recipe(ModelName.isPath(model())
                ? absolute.with(RecipeSettings.MODEL, Path.of(model()).toAbsolutePath().normalize().toString())
                : absolute);
    }

    private static List<Path> absolute(List<Path> paths) {
        return paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    }
}
