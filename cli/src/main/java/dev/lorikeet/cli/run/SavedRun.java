package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.WrittenAnswers;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a folder says that {@code lorikeet finetune} left.
 *
 * @param epochs how many are in it
 * @param finished whether it has come to its end, be it an early one
 * @param parameters how many were trained, the head's included
 * @param headParameters those of the head alone
 * @param meanRank of the adapters that a method with ranks of its own found, or NaN
 * @param metric by which runs are compared
 * @param test the loss and the metrics of the test examples after the last epoch, by name, and the scores of what a
 *     language model wrote; NaN where one is not defined
 * @param seconds spent in training steps, and in those of a search before them
 * @param baselines the same metric of what was run beside it, by name
 */
public record SavedRun(Path directory, Recipe recipe, int epochs, boolean finished, long parameters,
        long headParameters, double meanRank,
        Metric metric, Map<String, Double> test, double seconds, Map<String, Double> baselines) {
    private static final String TEST = "test_";
    private static final String VALIDATION = "validation_";
    private static final String RECIPE = "recipe.yaml";
    private static final String METRICS = "metrics.jsonl";

    /** The metric on the test examples after the last epoch. */
    public double value() {
        return Objects.requireNonNull(test.get(metric.name())); // read sees to that
    }

    /** As {@link #read}, of a run that has come to its end. */
    public static Optional<SavedRun> finished(Path directory) {
        return read(directory).filter(SavedRun::finished);
    }

    /**
     * The run in {@code directory}, or nothing where there is none.
     *
     * @throws InputException if a file of it is wrong
     */
    public static Optional<SavedRun> read(Path directory) {
        if (!Files.exists(directory.resolve(RECIPE)) || !Files.exists(directory.resolve(METRICS))) {
            return Optional.empty();
        }
        Recipe recipe = RecipeFile.read(directory.resolve(RECIPE));
        List<JsonObject> lines = JsonObject.lines(directory.resolve(METRICS));
        List<JsonObject> epochs = ofType(lines, "epoch");
        if (epochs.isEmpty()) {
            return Optional.empty();
        }
        String metric = ofType(lines, "run").stream().findFirst().map(line -> line.string("metric", "accuracy"))
                .orElse("accuracy");
        List<JsonObject> tests = ofType(lines, "test");
        JsonObject last = tests.isEmpty() ? epochs.getLast() : tests.getLast();
        String prefix = tests.isEmpty() && !last.has(TEST + metric) && last.has(VALIDATION + metric) ? VALIDATION
                : TEST; // chosen, but not tested yet
        Map<String, Double> test = new LinkedHashMap<>(Map.of(metric, last.anyNumber(prefix + metric)));
        last.fields().keySet().stream().filter(name -> name.startsWith(prefix))
                .forEach(name -> test.put(name.substring(prefix.length()), last.anyNumber(name)));
        List<JsonObject> answers = ofType(lines, "answers").stream()
                .filter(line -> line.string("when").equals(WrittenAnswers.AFTER)).toList();
        answers.forEach(line -> line.fields().keySet().stream().filter(name -> name.startsWith(TEST))
                .forEach(name -> test.put(name.substring(TEST.length()), line.anyNumber(name))));
        Map<String, Double> baselines = new LinkedHashMap<>();
        ofType(lines, "baseline").forEach(line -> baselines.put(line.string("name"), line.anyNumber(TEST + metric)));
        List<JsonObject> ranks = ofType(lines, "ranks");
        double meanRank = ranks.isEmpty() ? Double.NaN
                : ranks.getLast().object("ranks").fields().values().stream()
                        .mapToDouble(rank -> ((Number) rank).doubleValue()).average().orElse(Double.NaN);
        double search = ofType(lines, "allocation").stream().mapToDouble(line -> line.number("search_seconds")).sum();
        return Optional.of(new SavedRun(directory, recipe, epochs.size(),
                (recipe.writing().most() == 0 || !answers.isEmpty()) && (!tests.isEmpty()
                        || recipe.validation() == null && isDone(recipe, epochs, ofType(lines, "step"))),
                parameters(directory.resolve(METRICS), lines), head(directory), meanRank, new Metric(metric), test,
                search + epochs.stream().mapToDouble(epoch -> epoch.number("train_seconds")).sum(), baselines));
    }

    private static boolean isDone(Recipe recipe, List<JsonObject> epochs, List<JsonObject> steps) {
        int most = recipe.training().maxSteps();
        return most == 0 ? epochs.size() == recipe.training().epochs()
                : !steps.isEmpty() && steps.getLast().integer("step") == most;
    }

    private static long parameters(Path metrics, List<JsonObject> lines) {
        return ofType(lines, "run").stream().findFirst().orElseThrow(() -> new InputException(metrics, "run",
                "no line says how many parameters were trained")).integer("trained");
    }

    /** A head of Hugging Face's is in the adapter's file. */
    private static long head(Path directory) {
        if (!Files.exists(directory.resolve("head.safetensors"))) {
            return 0;
        }
        try (TensorFile weights = Safetensors.open(directory.resolve("head.safetensors"))) {
            return weights.names().stream().mapToLong(name -> weights.shape(name).size()).sum();
        }
    }

    /** The finished runs that are {@code directories} or lie in one of them. */
    public static List<SavedRun> below(List<Path> directories) {
        List<SavedRun> runs = new ArrayList<>();
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                throw new InputException(directory, "--read", "there is no such folder");
            }
            finished(directory).ifPresent(runs::add);
            try (Stream<Path> entries = Files.list(directory)) {
                entries.filter(Files::isDirectory).sorted().forEach(entry -> finished(entry).ifPresent(runs::add));
            } catch (IOException e) {
                throw new InputException(directory, "--read", "cannot be read: " + e);
            }
        }
        return runs;
    }

    private static List<JsonObject> ofType(List<JsonObject> lines, String type) {
        return lines.stream().filter(line -> line.string("type").equals(type)).toList();
    }
}
