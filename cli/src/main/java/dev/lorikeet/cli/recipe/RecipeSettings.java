package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.mlflow.MlflowServer;
import dev.lorikeet.lora.LoraOptimizer;
import dev.lorikeet.transformer.data.BadRows;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.settings.Kind;
import dev.lorikeet.transformer.settings.Section;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import dev.lorikeet.transformer.task.HeadChoice;
import dev.lorikeet.transformer.task.LossOn;
import dev.lorikeet.transformer.task.QuestionAnswering;
import dev.lorikeet.transformer.task.TruncationSide;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of a recipe, declared here, in {@link MethodSettings} or in {@link TrainingSettings}, and nowhere else:
 * the keys of a recipe, the flags of the command, its help and the documentation are made from {@link #ALL}.
 */
public final class RecipeSettings {
    private static final Section TOP = new Section("");
    private static final Section DATA = new Section("data");
    private static final Section TRAINING = new Section("training");
    private static final Section GENERATION = new Section("generation");
    private static final Section COMPUTE = new Section("compute");
    private static final Section TRACKING = new Section("tracking");
    private static final Kind<String> COLUMN = new Kind<>("NAME", "the name of a column, or its number",
            given -> given instanceof String || given instanceof Integer ? given.toString() : null, name -> name);

    static final Setting<String> NAME = TOP.setting("name", new Kind<>("NAME", "of letters, digits, '.', '_' and '-'",
            given -> given instanceof String name && name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") ? name : null,
            name -> name), "supersense", "What the run is called, and its folder in out/.");
    static final Setting<String> MODEL = TOP.setting("model", Kind.text("MODEL", "the name or the path of a model"),
            "all-MiniLM-L6-v2",
            "A Hugging Face directory, the name of a built-in model, or ORG/NAME[@REVISION] of a hub, which is fetched "
                    + "where it is not in the cache.");

    static final Setting<Path> FROM = TOP.optional("from",
            new Kind<>("DIR", Kind.file().rule(), Kind.file().reader(), Kind.file().writer()),
            "A run, or an adapter of PEFT's, from whose weights the training goes on, with a new optimizer and "
                    + "schedule; model and method are its own then, and the head, too, where it tells the same "
                    + "labels.");

    public static final Setting<TaskKind> TASK = TOP.optional("task",
            Kind.oneOf(List.of(TaskKind.values()), TaskKind::fileName),
            "What is learned; by default what the labels are: numbers with decimals, lists, classes, or a tag for each "
                    + "word; embeddings and language models where asked for.");

    static final Setting<String> SOURCE = DATA.setting("source",
            Kind.oneOf(List.of("wordnet-supersenses", "cron"), Function.identity()), "wordnet-supersenses",
            "The built-in task: which of 24 kinds of thing a definition of WordNet defines, or the cron expression of "
                    + "a description.");
    static final Setting<List<Path>> TRAIN = DATA.optional("train", DataPaths.KIND,
            "Texts to train with instead: TSV, CSV or JSONL, also as .gz; a file, or several of the same columns, "
                    + "with commas between or by a pattern such as 'part-*.tsv'.");
    static final Setting<List<Path>> TEST = DATA.optional("test", DataPaths.KIND,
            "Texts to test with, of the same kind.");
    static final Setting<Held> VALIDATION = DATA.optional("validation", Held.KIND,
            "Examples that choose the best epoch, so that the test examples are touched once: files, or a share of "
                    + "those to train with, which is left out of the training.");
    static final Setting<String> TEXT_COLUMN = DATA.optional("text-column", COLUMN,
            "The texts' column; by default text, or the one that is plainly meant. Of causal, that of texts, prompts "
                    + "or messages; of sequence-to-sequence, that of prompts. Of question answering, that of "
                    + "questions.");
    static final Setting<String> PAIR_COLUMN = DATA.optional("pair-column", COLUMN,
            "The column of the texts' partners, where two are read together; by default the one of a known pair, such "
                    + "as sentence1 and sentence2. Of question answering, that of the texts that have the answers.");
    static final Setting<String> NEGATIVE_COLUMN = DATA.optional("negative-column", COLUMN,
            "For embeddings, the column of texts that must not be near the first ones.");
    static final Setting<List<String>> LABEL_COLUMN = DATA.optional("label-column", new Kind<>("NAME",
            "the name of a column, or its number, or a list of them", RecipeSettings::columns,
            names -> names.size() == 1 ? names.getFirst() : names),
            "The labels' column, or those of several numbers; by default label, or the one that is plainly meant. Of "
                    + "causal and sequence-to-sequence, that of completions. Of question answering, that of SQuAD's "
                    + "answers, or those of the answer and its begin.");
    static final Setting<String> SEPARATOR = DATA.setting("separator",
            new Kind<>("C", "what stands between labels", given -> given.equals("\\t") ? "\t"
                    : given instanceof String text && !text.isEmpty() ? text : null, separator -> separator),
            ",",
            "What stands between the labels of an input that has several; in JSON they are a list.");
    static final Setting<Double> LARGEST_SCORE = DATA.optional("largest-score",
            Kind.number("a number above 0", value -> value > 0 && value <= Float.MAX_VALUE),
            "For embeddings, what scores are divided by, so that they are at most 1, as cosines are; by default the "
                    + "largest of those to train with.");
    static final Setting<Boolean> HEADER = DATA.setting("header", Kind.flag(), true,
            "Whether the files' first line names the columns; where not, they are numbers from 1 on.");
    static final Setting<String> DELIMITER = DATA.optional("delimiter", new Kind<>("C",
            "one character, no quote and no line end", RecipeSettings::delimiter, delimiter -> delimiter),
            "What stands between fields; by default a tab in .tsv, a comma in .csv.");
    static final Setting<BadRows> BAD_ROWS = DATA.setting("bad-rows",
            Kind.oneOf(List.of(BadRows.values()), BadRows::fileName), BadRows.FAIL,
            "What becomes of rows that are wrong: the first one ends it all, or they are left out and counted, as "
                    + "long as they are fewer than the others.");
    static final Setting<Long> DATA_SEED = DATA.setting("seed", Kind.seed(), 1L,
            "Of what is drawn from the data: WordNet's examples, those that a limit takes, a share to validate with.");

    static final Setting<EmbeddingLoss> LOSS = TRAINING.optional("loss", Kind.oneOf(EmbeddingLoss.usual(),
            EmbeddingLoss::fileName),
            "Of embeddings, what they are trained for; by default cosine-similarity where there "
                    + "are scores, else multiple-negatives-ranking.");
    static final Setting<Pooling> POOLING = TRAINING.setting("pooling", Kind.oneOf(List.of(Pooling.values()),
            Pooling::fileName), Pooling.MEAN, "Of embeddings, how the tokens of a text become one vector.");
    static final Setting<HeadChoice> HEAD = TRAINING.setting("head",
            Kind.oneOf(List.of(HeadChoice.values()),
                    HeadChoice::fileName),
            HeadChoice.MEAN,
            "Of classes, what tells them: mean for a linear layer on the mean of the tokens, pretrained for Hugging "
                    + "Face's ...ForSequenceClassification, that in the model's files where it has the same labels. "
                    + "Other tasks have no choice: of tokens, questions and language models it is Hugging Face's.");
    static final Setting<Integer> BLOCK_SIZE = TRAINING.optional("block-size", Kind.whole(2),
            "Of language models, put texts together to examples of at most so many tokens, which do not see each "
                    + "other; "
                    + "by default each text is one.");
    public static final Setting<LossOn> LOSS_ON = TRAINING.setting("loss-on", Kind.oneOf(List.of(LossOn.values()),
            LossOn::fileName), LossOn.COMPLETION,
            "Of prompts and messages, what is learned: completions and what the model says in talks, or all of them.");
    public static final Setting<Integer> MAX_LENGTH = TRAINING.optional("max-length", Kind.whole(2),
            "Of prompts and messages, the most tokens of an example, of sequence-to-sequence those of each of the two "
                    + "texts; by default as many as the model reads. Of question answering, those of a question with "
                    + "a part of its text; by default 384.");
    public static final Setting<TruncationSide> TRUNCATION_SIDE = TRAINING.setting("truncation-side",
            Kind.oneOf(List.of(TruncationSide.values()), TruncationSide::fileName), TruncationSide.RIGHT,
            "Of prompts and messages, where what is longer is cut off: right for the end, left for the beginning.");
    public static final Setting<Integer> DOC_STRIDE = TRAINING.optional("doc-stride", Kind.whole(0),
            "Of question answering, how many tokens each further part of a long text has of the one before; by default "
                    + "a third of max-length, up to 128.");
    public static final Setting<Integer> MAX_ANSWER_LENGTH = TRAINING.setting("max-answer-length", Kind.whole(1),
            QuestionAnswering.USUAL_ANSWER, "Of question answering, the most tokens of an answer that is given.");
    static final Setting<Double> NULL_THRESHOLD = TRAINING.optional("null-score-diff-threshold",
            Kind.number("a number", Double::isFinite),
            "Of question answering, say that there is no answer where its score is above that of the best answer by "
                    + "more than this; by default what the examples to validate with have best, and 0 without any.");
    static final Setting<Integer> LIMIT = TRAINING.optional("limit", Kind.whole(1),
            "Train with so many examples only, of each class its share; by default with all.");

    static final Setting<Boolean> PROBE = TRAINING.setting("probe", Kind.flag(), true,
            "Whether a linear classifier on the frozen model is trained first, to compare with.");

    public static final Setting<Integer> ANSWERS = GENERATION.setting("examples", Kind.whole(0), 0,
            "Of prompts and messages, let the model answer so many of the test examples, before the training and after "
                    + "it, and score what it writes; 0 for none. Those of one prompt are references of one answer.");
    public static final Setting<List<ScoreKind>> SCORES = GENERATION.setting("scores", new Kind<>("NAME",
            "a list of " + Stream.of(ScoreKind.values()).map(ScoreKind::fileName).collect(Collectors.joining(", ")),
            RecipeSettings::scores, scores -> scores.stream().map(ScoreKind::fileName).toList()),
            List.of(ScoreKind.EXACT_MATCH, ScoreKind.BLEU, ScoreKind.CHRF, ScoreKind.ROUGE),
            "By what such answers are scored; as a flag with commas between.");

    static final Setting<Integer> THREADS = COMPUTE.optional("threads", Kind.whole(1),
            "Threads that compute; by default one per core.");
    static final Setting<String> VECTOR = COMPUTE.setting("vector",
            Kind.oneOf(List.of("auto", "scalar", "128", "256", "512"), Function.identity()), "auto",
            "The bits of a vector; auto for the widest of the machine.");
    static final Setting<String> DEVICE = COMPUTE.setting("device", new Kind<>("DEVICE",
            "cpu, auto, gpu or a device's number", RecipeSettings::device, device -> device), "cpu",
            "Where frozen layers are computed: cpu, gpu, auto for a gpu if there is one, or a number of doctor's list. "
                    + "Results on a device differ in their last digits.");

    static final Setting<Integer> MEMORY = COMPUTE.optional("memory", new Kind<>("MIB", "a whole number of MiB",
            given -> given instanceof Integer number && number >= 0 ? number : null, number -> number),
            "A file to train with is kept in memory up to so many MiB; a larger one is encoded into a file of the "
                    + "cache directory and read from there; by default a sixteenth of the JVM's memory.");

    static final Setting<URI> MLFLOW = TRACKING.optional("mlflow", new Kind<>("URL", MlflowServer.RULE,
            given -> given instanceof String text ? MlflowServer.address(text) : null, URI::toString),
            "An MLflow server that hears of the run while it is under way; by default the one of MLFLOW_TRACKING_URI, "
                    + "where that is http or https. It hears the settings, the numbers, the user's name and the "
                    + "folder. Experiment, run and who asks are those of MLflow's own variables, such as "
                    + "MLFLOW_EXPERIMENT_NAME, MLFLOW_RUN_ID and MLFLOW_TRACKING_TOKEN.");

    /** How answers to test examples are written: greedily, or by beams. */
    static final List<Setting<?>> HOW = List.of(GenerationSettings.MAX_NEW_TOKENS, GenerationSettings.NUM_BEAMS,
            GenerationSettings.LENGTH_PENALTY, GenerationSettings.EARLY_STOPPING,
            GenerationSettings.NO_REPEAT_NGRAM_SIZE, GenerationSettings.STOP_STRINGS);

    static final List<Setting<List<Path>>> FILES = List.of(TRAIN, TEST);
    /** What says where a table has texts, for the verbs that have no recipe. */
    public static final List<Setting<?>> TABLE = List.of(TEXT_COLUMN, PAIR_COLUMN, HEADER, DELIMITER);
    /** The same with what says where it has labels. */
    public static final List<Setting<?>> LABELLED_TABLE = List.of(TEXT_COLUMN, PAIR_COLUMN, LABEL_COLUMN, SEPARATOR,
            HEADER, DELIMITER, BAD_ROWS);
    /** What computes, for the verbs that have no recipe. */
    public static final List<Setting<?>> HARDWARE = List.of(THREADS, VECTOR);
    /** The same for those that can use a device. */
    public static final List<Setting<?>> HARDWARE_WITH_DEVICE = List.of(THREADS, VECTOR, DEVICE);
    /** All, in the order in which a recipe has them. */
    public static final List<Setting<?>> ALL = Stream.of(TOP.settings(), DATA.settings(), MethodSettings.ALL,
            TrainingSettings.ALL, LoraOptimizer.ALL, TRAINING.settings(), ofWriting(), COMPUTE.settings(),
            TRACKING.settings())
            .flatMap(List::stream).toList();

    /** Those that ask for examples to validate with. */
    static final List<Setting<?>> OF_VALIDATION = List.of(TrainingSettings.KEEP_BEST, TrainingSettings.PATIENCE,
            TrainingSettings.EVALUATION_STEPS);

    /** The names of those that say what something is called, or where it is. */
    static final Set<String> NAMES = Set.of(NAME.name(), MODEL.name(), FROM.name(), TRAIN.name(),
            TEST.name());

    private RecipeSettings() {}

    /** Those of answers to test examples. */
    public static List<Setting<?>> ofWriting() {
        return Stream.concat(GENERATION.settings().stream(), HOW.stream()).toList();
    }

    /**
     * Whether a setting is for files, or for a built-in source.
     *
     * @param cron whether the built-in one has prompts
     */
    static boolean isOf(boolean files, boolean cron, Setting<?> setting) {
        if (ofWriting().contains(setting)) {
            return files || cron;
        }
        boolean ofData = DATA.settings().contains(setting) || setting.equals(TASK) || setting.equals(HEAD)
                || TaskKind.ownSettings().contains(setting);
        return setting.equals(DATA_SEED) || setting.equals(VALIDATION) || !ofData || files != setting.equals(SOURCE);
    }

    /** Whether a setting says how a run is computed and who hears of it, not what comes out. */
    static boolean isBeside(Setting<?> setting) {
        return COMPUTE.settings().contains(setting) || TRACKING.settings().contains(setting);
    }

    /** Whether these are names of such settings, and of no others. */
    public static boolean areBeside(Collection<String> names) {
        return ALL.stream().filter(RecipeSettings::isBeside).map(Setting::name).toList().containsAll(names);
    }

    /** The flag of a setting: {@code --} and its key, where no other has it. */
    public static String flag(Setting<?> setting) {
        return switch (setting.name()) {
            case "method.name" -> "--method";
            case "data.seed" -> "--data-seed";
            case "generation.examples" -> "--generate";
            case "data.header" -> "--no-header";
            case "training.probe" -> "--no-probe";
            default -> "--" + setting.key();
        };
    }

    /**
     * The value of a flag: names of layers, of columns and of files become a list, as in a recipe; what has other
     * letters is an expression.
     */
    public static Object fromCommandLine(Setting<?> setting, String text) {
        if (FILES.contains(setting) || setting.equals(VALIDATION)) {
            return DataPaths.ofFlag(text);
        }
        boolean list = setting.equals(MethodSettings.TARGETS) && text.matches("[\\w.]+(,[\\w.]+)*")
                || setting.equals(LABEL_COLUMN) && text.matches("[\\w.-]+(,[\\w.-]+)+");
        return list ? List.of(text.split(",")) : text;
    }

    private static @Nullable List<ScoreKind> scores(Object given) {
        List<?> names = given instanceof List<?> list ? list : List.of(given);
        List<String> all = names.stream().flatMap(name -> Stream.of(name.toString().split(","))).toList();
        List<ScoreKind> known = Stream.of(ScoreKind.values()).filter(kind -> all.contains(kind.fileName())).toList();
        return !all.isEmpty() && known.size() == all.size() ? known : null;
    }

    private static @Nullable List<String> columns(Object given) {
        List<?> names = given instanceof List<?> list ? list : List.of(given);
        return !names.isEmpty() && names.stream().allMatch(name -> name instanceof String || name instanceof Integer)
                ? names.stream().map(Object::toString).toList()
                : null;
    }

    private static @Nullable String device(Object given) {
        return given.toString().matches("cpu|auto|gpu|\\d{1,4}") ? given.toString() : null;
    }

    private static @Nullable String delimiter(Object given) {
        String text = given.equals("\\t") ? "\t" : given.toString(); // as a shell writes it
        return text.length() == 1 && "\"\r\n".indexOf(text.charAt(0)) < 0 ? text : null;
    }
}
