package dev.lorikeet.cli.report;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/**
 * A fine-tuning run as far as it has come.
 *
 * @param facts what was settled before the first step
 * @param baselines in the order in which they were run
 * @param ranks what a method that finds the ranks made of them, change by change
 */
public record Run(Facts facts, List<Baseline> baselines, List<Step> steps, List<Epoch> epochs, List<RanksAt> ranks) {
    public Run {
        ranks = List.copyOf(ranks);
        baselines = List.copyOf(baselines);
        steps = List.copyOf(steps);
        epochs = List.copyOf(epochs);
    }

    /**
     * What a run works on, and with.
     *
     * @param model the base model's id
     * @param architecture one line about it
     * @param data what the data set is called
     * @param labels the classes in the order of their numbers
     * @param trained the number of trained parameters, the head's included
     * @param total the number of all parameters, trained or frozen
     */
    public record Facts(Recipe recipe, String model, String architecture, String data, int trainExamples,
            int testExamples, List<String> labels, long trained, long total, List<AdaptedLayer> layers,
            Environment environment, ZonedDateTime started) {
        /** The share of the parameters that is trained, in [0, 1]. */
        public double trainedShare() {
            return (double) trained / total;
        }
    }

    /**
     * Something simpler than the run, to compare it with.
     *
     * @param parameters how many it trains
     * @param accuracy on the test examples, in [0, 1]
     */
    public record Baseline(String name, long parameters, double accuracy, double seconds) {}

    /**
     * The adapter of one layer.
     *
     * @param path the layer's path in the model
     * @param scaling the factor on B·A
     */
    public record AdaptedLayer(String path, int rank, double scaling, long parameters) {
        /** The same with another rank, of which each has as many parameters as each of this one's. */
        AdaptedLayer withRank(int other) {
            return new AdaptedLayer(path, other, scaling, parameters / rank * other);
        }
    }

    /** The adapters as they are now: with the ranks that were found, if any were. */
    public List<AdaptedLayer> layers() {
        if (ranks.isEmpty()) {
            return facts.layers();
        }
        Map<String, Integer> last = ranks.getLast().ranks();
        return facts.layers().stream().map(layer -> layer.withRank(last.getOrDefault(layer.path(), layer.rank())))
                .toList();
    }

    /** Seconds spent in training steps, evaluations left out. */
    public double trainSeconds() {
        return epochs.stream().mapToDouble(Epoch::trainSeconds).sum();
    }

    /** Tokens per second of training. */
    public double tokensPerSecond() {
        return epochs.stream().mapToLong(Epoch::tokens).sum() / trainSeconds();
    }
}
