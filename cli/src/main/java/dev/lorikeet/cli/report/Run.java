package dev.lorikeet.cli.report;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning run as far as it has come.
 *
 * @param facts what was settled before the first step
 * @param baselines in the order in which they were run
 * @param layers the adapted layers as they are now; those of the facts are as they were at first
 * @param allocation how the ranks were found, or null where the recipe says them
 * @param validations whenever the held-out examples were evaluated, after epochs and in between
 * @param test what the finished model made of the test examples, where others chose it; else null, as
 *     each epoch has that
 * @param mistakes some of the answers of {@link #result} that were wrong
 * @param answers what a language model wrote in answer to test examples; null where it was not asked
 */
public record Run(Facts facts, List<Baseline> baselines, List<Step> steps, List<Epoch> epochs,
        List<Validation> validations, List<AdaptedLayer> layers, @Nullable Allocation allocation,
        @Nullable Tested test, List<Mistake> mistakes, @Nullable WrittenAnswers answers, Usage usage) {
    public Run {
        validations = List.copyOf(validations);
        mistakes = List.copyOf(mistakes);
        layers = List.copyOf(layers);
        baselines = List.copyOf(baselines);
        steps = List.copyOf(steps);
        epochs = List.copyOf(epochs);
    }

    /**
     * What a run works on, and with.
     *
     * @param model the base model's id
     * @param architecture one line about it
     * @param start whose weights the training goes on from, or null for those of the model alone
     * @param data what the data set is called
     * @param validationExamples that choose the best epoch, 0 where nothing does
     * @param truncated which of the texts were cut
     * @param learned what is learned
     * @param trained the number of trained parameters, the head's included
     * @param total the number of all parameters, trained or frozen
     * @param modelHash of the base model's weights, and its configuration
     * @param again the command that does all of it once more
     */
    public record Facts(Recipe recipe, String model, String architecture, @Nullable Start start, String data,
            int trainExamples, int validationExamples, int testExamples, Truncated truncated, DataSummary summary,
            Learned learned, long trained, long total, List<AdaptedLayer> layers, String modelHash,
            Environment environment, ZonedDateTime started, String again) {
        /** What each epoch is evaluated with. */
        public String evaluatedOn() {
            return validationExamples > 0 ? "validation" : "test";
        }

        /** How many examples there are of each part. */
        public String examples() {
            return Format.count(trainExamples) + " to train, "
                    + (validationExamples == 0 ? "" : Format.count(validationExamples) + " to validate, ")
                    + Format.count(testExamples) + " to test";
        }

        /** The share of the parameters that is trained, in [0, 1]. */
        public double trainedShare() {
            return (double) trained / total;
        }
    }

    /**
     * What the training goes on from.
     *
     * @param from a run, or an adapter
     * @param sha256 of its weights
     * @param head what becomes of its head, as a person reads it; empty where the task has none of its own
     */
    public record Start(Path from, String sha256, String head) {}

    /**
     * What a run learns.
     *
     * @param task for example {@code classification of pairs}
     * @param outputs what the model is to tell, for example {@code 24 classes}
     * @param labels the names of the outputs, in their order
     * @param metric by which the run is compared with others
     */
    public record Learned(String task, String outputs, List<String> labels, Metric metric) {
        public Learned {
            labels = List.copyOf(labels);
        }
    }

    /**
     * How many texts are longer than the model reads, so that their ends are lost.
     *
     * @param most tokens that the model reads
     */
    public record Truncated(int train, int test, int most) {
        /** As a person reads it; nothing where none is. */
        public String text() {
            return train + test == 0 ? ""
                    : Format.count(train) + " to train and " + Format.count(test) + " to test have more than "
                            + Format.count(most, "token", "tokens") + ", the rest of them is not read";
        }
    }

    /**
     * The end of a run whose model was chosen.
     *
     * @param chosen the best validation; null where none counted, so that the model is that of the last step
     * @param evaluation of the test examples
     */
    public record Tested(@Nullable Validation chosen, Evaluation evaluation) {}

    /**
     * Something simpler than the run, to compare it with.
     *
     * @param parameters how many it trains
     * @param value of the run's metric, on the test examples
     */
    public record Baseline(String name, long parameters, double value, double seconds) {}

    /**
     * The adapter of one layer.
     *
     * @param path the layer's path in the model
     * @param scaling the factor on B·A
     */
    public record AdaptedLayer(String path, int rank, double scaling, long parameters) {}

    /** The metric by which this run is compared with others. */
    public Metric metric() {
        return facts.learned().metric();
    }

    /** What the model made of the test examples; before the end, of those that it is evaluated with. */
    public Evaluation result() {
        return test != null ? test.evaluation() : epochs.getLast().test(); // a run is written when the last is the best
    }

    /** What {@link #result} is of. */
    String resultOf() {
        return test != null ? "test" : facts.evaluatedOn();
    }

    /** The baseline that is hardest to beat. */
    public Optional<Baseline> bestBaseline() {
        return baselines.stream().filter(baseline -> !Double.isNaN(baseline.value()))
                .reduce((one, other) -> metric().isBetter(other.value(), one.value()) ? other : one);
    }

    /**
     * From which probability on each label is said, as the validation examples have it best; null where there are none,
     * or no labels of which an example has any number.
     */
    public @Nullable Thresholds thresholds() {
        return test != null && test.evaluation().details() instanceof Labelled said ? said.thresholds() : null;
    }

    /** The last step of an epoch that is over. */
    public int lastStep(int epoch) {
        return steps.stream().filter(step -> step.epoch() == epoch).mapToInt(Step::step).max().orElseThrow();
    }

    /** Seconds spent in training steps, evaluations left out. */
    public double trainSeconds() {
        return epochs.stream().mapToDouble(Epoch::trainSeconds).sum();
    }

    /** The parameters that were trained for what the run has: AutoLoRA's search trains more, and keeps none of them. */
    public long trained() {
        return allocation == null || allocation.searchSeconds() == 0 ? facts.trained()
                : facts.trained() - parameters(facts.layers()) + parameters(layers);
    }

    /** All parameters, trained or frozen. */
    public long total() {
        return facts.total() - facts.trained() + trained();
    }

    private static long parameters(List<AdaptedLayer> layers) {
        return layers.stream().mapToLong(AdaptedLayer::parameters).sum();
    }

    /** Seconds of training, and of a search for ranks before it. */
    double allSeconds() {
        return trainSeconds() + (allocation == null ? 0 : allocation.searchSeconds());
    }

    /** Tokens per second of training. */
    public double tokensPerSecond() {
        return epochs.stream().mapToLong(Epoch::tokens).sum() / trainSeconds();
    }
}
