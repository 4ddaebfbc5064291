package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to fine-tune, on what, and how.
 *
 * @param name letters, digits, {@code .}, {@code _} and {@code -}; names the folder the run is written to
 * @param model a built-in model's name or the path of a Hugging Face directory
 * @param limit how many training examples to use, of each class its share, or null for all
 */
public record Recipe(String name, String model, Data data, Method method, TrainingSettings training,
        @Nullable Integer limit, Hardware compute) {

    /** Where the labelled texts are from. */
    public sealed interface Data permits WordNet, Files {}

    /**
     * The built-in task {@value #SOURCE}.
     *
     * @param seed of the sample; not the seed of the training, so that runs can be compared
     */
    public record WordNet(int seed) implements Data {
        static final String SOURCE = "wordnet-supersenses";
    }

    /**
     * Files of one's own: TSV, CSV or JSONL.
     *
     * @param format of both
     * @param seed of the sample that a limit takes; not the seed of the training, so that runs can be compared
     */
    public record Files(Path train, Path test, TableFormat format, int seed) implements Data {}

    /**
     * What computes; the results do not depend on it.
     *
     * @param threads null for one per core
     * @param vector {@code scalar}, {@code 128}, {@code 256}, {@code 512} or {@code auto}
     */
    public record Hardware(@Nullable Integer threads, String vector) {}

    /** This recipe with its paths as they are from anywhere. */
    Recipe absolute() {
        String place = BuiltInModels.isBuiltIn(model) ? model : absolute(Path.of(model)).toString();
        Data source = data instanceof Files files
                ? new Files(absolute(files.train), absolute(files.test), files.format, files.seed)
                : data;
        return new Recipe(name, place, source, method, training, limit, compute);
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** The tree that {@link RecipeFile} reads and writes. */
    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("model", model);
        map.put("data", dataMap());
        map.put("method", MethodTree.of(method));
        map.put("training", trainingMap());
        map.put("compute", computeMap());
        return map;
    }

    private Map<String, @Nullable Object> dataMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        switch (data) {
            case WordNet wordNet -> {
                map.put("source", WordNet.SOURCE);
                map.put("seed", wordNet.seed);
            }
            case Files files -> {
                map.put("train", files.train.toString());
                map.put("test", files.test.toString());
                map.put("text-column", files.format.textColumn());
                map.put("label-column", files.format.labelColumn());
                map.put("header", files.format.header());
                Character delimiter = files.format.delimiter();
                map.put("delimiter", delimiter == null ? null : delimiter.toString());
                map.put("seed", files.seed);
            }
        }
        return map;
    }

    private Map<String, @Nullable Object> trainingMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("epochs", training.epochs());
        map.put("batch-size", training.batchSize());
        map.put("accumulation", training.accumulation());
        map.put("adapter-rate", training.adapterRate());
        map.put("head-rate", training.headRate());
        map.put("weight-decay", training.weightDecay());
        map.put("schedule", training.schedule().huggingFaceName());
        map.put("warmup-ratio", training.warmupRatio());
        map.put("clip-norm", training.clipNorm());
        map.put("gradient-checkpointing", training.gradientCheckpointing());
        map.put("seed", Math.toIntExact(training.seed()));
        map.put("limit", limit);
        return map;
    }

    private Map<String, @Nullable Object> computeMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("threads", compute.threads);
        map.put("vector", compute.vector);
        return map;
    }
}
