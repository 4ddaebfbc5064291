package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.transformer.settings.Kind;
import dev.lorikeet.transformer.settings.Section;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How to train. The defaults suit rsLoRA on a sentence encoder.
 *
 * @param values of the settings declared here
 */
public record TrainingSettings(Settings values) {
    private static final Section SECTION = new Section("training");

    public static final Setting<Integer> EPOCHS = SECTION.setting("epochs", Kind.whole(1), 3,
            "How often every example is seen.");
    public static final Setting<Integer> MAX_STEPS = SECTION.setting("max-steps", Kind.whole(0), 0,
            "The run ends after so many steps, however many epochs these are, as by transformers' max_steps; 0 for "
                    + "after the epochs.");
    public static final Setting<Integer> BATCH_SIZE = SECTION.setting("batch-size", Kind.whole(1), 32,
            "Examples that are computed together.");
    public static final Setting<Integer> BATCH_TOKENS = SECTION.setting("batch-tokens", Kind.whole(0), 0,
            "Tokens that are computed together at most, however many examples have them; a longer example is alone. "
                    + "0 for batch-size examples.");
    public static final Setting<Boolean> LENGTH_GROUPED = SECTION.setting("length-grouped", Kind.flag(), false,
            "The examples of a batch are about equally long, as by transformers' group_by_length.");
    public static final Setting<Sampling> SAMPLING = SECTION.setting("sampling",
            Kind.oneOf(List.of(Sampling.values()), Sampling::fileName), Sampling.NATURAL,
            "Which examples an epoch has: natural for each once, balanced for as many of each class, so that those of "
                    + "rare classes are there several times and not all of frequent ones.");
    public static final Setting<Integer> ACCUMULATION = SECTION.setting("accumulation", Kind.whole(1), 1,
            "Batches in a step, as transformers' gradient_accumulation_steps.");
    public static final Setting<Integer> SHUFFLE_WINDOW = SECTION.setting("shuffle-window", Kind.whole(1), 1 << 20,
            "Examples that are shuffled together. Of more, each window takes some from all over the data, so that "
                    + "this bounds the memory that their order takes.");
    public static final Setting<Double> ADAPTER_RATE = SECTION.setting("adapter-rate", Kind.notNegative(), 1e-3,
            "The peak learning rate of what is trained of the encoder.");
    public static final Setting<Double> HEAD_RATE = SECTION.setting("head-rate", Kind.notNegative(), 3e-3,
            "The peak learning rate of the head.");
    public static final Setting<Double> LAYER_DECAY = SECTION.setting("layer-decay",
            Kind.number("a number in (0, 1]", value -> value > 0 && value <= 1), 1.0,
            "The rate of each layer is this times that of the layer above it; of the last one, this times "
                    + "adapter-rate.");
    public static final Setting<OptimizerType> OPTIMIZER = SECTION.setting("optimizer",
            Kind.oneOf(List.of(OptimizerType.values()), OptimizerType::fileName), OptimizerType.ADAMW,
            "How parameters are updated; each needs other rates.");
    public static final Setting<Double> MOMENTUM = SECTION.setting("momentum",
            Kind.number("a number in [0, 1)", value -> value >= 0 && value < 1), 0.0,
            "The share of its last step that sgd keeps in the next.");
    public static final Setting<Double> WEIGHT_DECAY = SECTION.setting("weight-decay", Kind.notNegative(), 0.01,
            "The decay of matrices; biases and norms have none. It is a part of the gradient for adam and sgd, and "
                    + "decoupled from it for others.");
    public static final Setting<ScheduleType> SCHEDULE = SECTION.setting("schedule",
            Kind.oneOf(List.of(ScheduleType.values()), ScheduleType::huggingFaceName), ScheduleType.LINEAR,
            "How the rates change over the steps, as transformers' lr_scheduler_type.");
    public static final Setting<Double> WARMUP_RATIO = SECTION.setting("warmup-ratio",
            Kind.number("a number in [0, 1]", value -> value >= 0 && value <= 1), 0.1,
            "The share of the steps in which the rates rise from 0, before the schedule lowers them.");
    public static final Setting<Double> CLIP_NORM = SECTION.setting("clip-norm", Kind.notNegative(), 1.0,
            "The largest norm that all gradients of a step may have together, or 0 for any; the built-in "
                    + "recipe has 0.");
    public static final Setting<Double> LABEL_SMOOTHING = SECTION.setting("label-smoothing",
            Kind.number("a number in [0, 1)", value -> value >= 0 && value < 1), 0.0,
            "How much of the weight of each label goes to all classes alike, in training, as transformers' "
                    + "label_smoothing_factor.");
    public static final Setting<ClassWeights> CLASS_WEIGHTS = SECTION.setting("class-weights",
            Kind.oneOf(List.of(ClassWeights.values()), ClassWeights::fileName), ClassWeights.NONE,
            "How much examples weigh in the loss of training: balanced for as much as makes all classes weigh alike, "
                    + "as scikit-learn's class_weight.");
    public static final Setting<Boolean> KEEP_BEST = SECTION.setting("keep-best", Kind.flag(), false,
            "The model ends as it was when it was evaluated best, as transformers' load_best_model_at_end; else as it "
                    + "is after the last step.");
    public static final Setting<Integer> PATIENCE = SECTION.setting("patience", Kind.whole(0), 0,
            "The run ends when it was evaluated so often in a row without being better than before, as transformers' "
                    + "early_stopping_patience; 0 for never.");
    public static final Setting<Integer> EVALUATION_STEPS = SECTION.setting("evaluation-steps", Kind.whole(0), 0,
            "The model is evaluated every so many steps, too, as transformers' eval_steps; 0 for after epochs alone.");
    public static final Setting<Boolean> GRADIENT_CHECKPOINTING = SECTION.setting("gradient-checkpointing", Kind.flag(),
            false,
            "Layers keep nothing but their inputs and run again on the way back: less memory, the same bits, more "
                    + "time.");
    public static final Setting<Long> SEED = SECTION.setting("seed", Kind.seed(), 1L,
            "Of the initial weights, the order of the examples and dropout.");

    /** All of them. */
    public static final List<Setting<?>> ALL = SECTION.settings();

    private static final TrainingSettings DEFAULTS = new TrainingSettings(Settings.of(ALL));

    public static TrainingSettings defaults() {
        return DEFAULTS;
    }

    /**
     * This with another value of one setting.
     *
     * @throws IllegalArgumentException if it breaks the setting's rule
     */
    public <T> TrainingSettings with(Setting<T> setting, T value) {
        return new TrainingSettings(values.with(setting, value));
    }

    /** The factor on the rates at each step of a run of so many. */
    public Schedule schedule(int steps) {
        return schedule().of(Schedule.warmup(warmupRatio(), steps), steps);
    }

    /** Whether any step of a run of so many has a factor above 0: where rates rise, the first has the factor 0. */
    public boolean trains(int steps) {
        Schedule factors = schedule(steps);
        return IntStream.range(0, steps).anyMatch(step -> factors.factor(step) > 0);
    }

    public int epochs() {
        return values.get(EPOCHS);
    }

    /** 0 where the epochs say when the run ends. */
    public int maxSteps() {
        return values.get(MAX_STEPS);
    }

    public int batchSize() {
        return values.get(BATCH_SIZE);
    }

    /** 0 where the batch size says how many examples there are in a batch. */
    public int batchTokens() {
        return values.get(BATCH_TOKENS);
    }

    public boolean lengthGrouped() {
        return values.get(LENGTH_GROUPED);
    }

    public Sampling sampling() {
        return values.get(SAMPLING);
    }

    public int accumulation() {
        return values.get(ACCUMULATION);
    }

    public int shuffleWindow() {
        return values.get(SHUFFLE_WINDOW);
    }

    public double adapterRate() {
        return values.get(ADAPTER_RATE);
    }

    public double headRate() {
        return values.get(HEAD_RATE);
    }

    public double layerDecay() {
        return values.get(LAYER_DECAY);
    }

    public OptimizerType optimizer() {
        return values.get(OPTIMIZER);
    }

    public double momentum() {
        return values.get(MOMENTUM);
    }

    public double weightDecay() {
        return values.get(WEIGHT_DECAY);
    }

    public ScheduleType schedule() {
        return values.get(SCHEDULE);
    }

    public double warmupRatio() {
        return values.get(WARMUP_RATIO);
    }

    public double clipNorm() {
        return values.get(CLIP_NORM);
    }

    public double labelSmoothing() {
        return values.get(LABEL_SMOOTHING);
    }

    public ClassWeights classWeights() {
        return values.get(CLASS_WEIGHTS);
    }

    public boolean keepBest() {
        return values.get(KEEP_BEST);
    }

    public int patience() {
        return values.get(PATIENCE);
    }

    public int evaluationSteps() {
        return values.get(EVALUATION_STEPS);
    }

    /** This for a run in which nothing is evaluated. */
    public TrainingSettings withoutEvaluation() {
        return with(KEEP_BEST, false).with(PATIENCE, 0).with(EVALUATION_STEPS, 0);
    }

    public boolean gradientCheckpointing() {
        return values.get(GRADIENT_CHECKPOINTING);
    }

    public long seed() {
        return values.get(SEED);
    }

    public TrainingSettings withEpochs(int value) {
        return with(EPOCHS, value);
    }

    public TrainingSettings withBatchSize(int value) {
        return with(BATCH_SIZE, value);
    }

    /** Other peak rates for the adapter and for the head. */
    public TrainingSettings withRates(double adapter, double head) {
        return with(ADAPTER_RATE, adapter).with(HEAD_RATE, head);
    }

    public TrainingSettings withSeed(long value) {
        return with(SEED, value);
    }
}
