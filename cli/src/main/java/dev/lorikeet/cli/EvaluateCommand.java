package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.run.TaskData;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.ClassScores;
import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet evaluate}. */
@Command(name = "evaluate", description = "Computes the test accuracy of a run again, and the scores of "
        + "each class, from its saved files alone.",
        footer = {
            "  lorikeet evaluate --run out/supersense", "  lorikeet evaluate --run out/supersense --json",
            "  lorikeet evaluate --run out/mine --test other.tsv"})
final class EvaluateCommand implements Runnable {
    /** So many rows fit a screen. */
    private static final int MOST_CLASSES = 30;
    private static final int WORST = 10;

    private final Terminal terminal;

    @Mixin
    private RunOption run = new RunOption();

    @Option(names = "--test", paramLabel = "FILE", description = "Other texts, with the columns of the run's own "
            + "(default: the run's test examples).")
    @Nullable
    private Path test;

    @Option(names = "--json", description = "One JSON object with every number.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = ComputeOptions.withDevice();

    @Mixin
    private CommonOptions common = new CommonOptions();

    EvaluateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        compute.request();
        try (Compute computes = Devices.open(compute.device(), terminal::line)) {
            evaluate(run.classifier(computes));
        }
    }

    /** The run's, with other data if so asked; a merged model may have none. */
    private Recipe recipe() {
        Map<String, String> data = test == null ? Map.of()
                : Map.of("data.train", test.toString(), "data.test", test.toString());
        if (run.hasRecipe()) {
            return test == null ? run.recipe() : RecipeFile.with(run.recipe(), data);
        }
        if (test == null) {
            throw new InputException(run.directory(), "--test",
                    "is needed: there is no recipe.yaml that says what the test examples are");
        }
        return RecipeFile.read(null, data);
    }

    private void evaluate(TaskModel<String, Integer, List<Prediction>> model) {
        Recipe tested = recipe();
        List<String> labels = ((SequenceClassification) model.task()).labels();
        Dataset<String> data = MemoryException.during("reading the texts", "", () -> TaskData.readTest(tested, labels));
        if (!data.labels().equals(labels)) {
            throw new InputException(run.directory().resolve("head.safetensors"), "id2label",
                    "the classes are not those of the recipe's data");
        }
        EncodedDataset encoded = EncodedDataset.of(model, data);
        Evaluation evaluation = MemoryException.during("evaluating", "a smaller training.batch-size in "
                + run.directory().resolve("recipe.yaml") + " needs less, ",
                () -> encoded.evaluate(tested.training().batchSize(), new Workspace()));
        if (json) {
            terminal.json(json(model, data, encoded, evaluation));
            return;
        }
        terminal.field("Run", run.directory().toString());
        terminal.field("Model", model.model().id());
        terminal.field("Data", data.name() + ": " + Format.count(data.size(), "example", "examples"));
        if (encoded.truncated() > 0) {
            terminal.field("Truncated", Format.count(encoded.truncated(), "text has", "texts have") + " more than "
                    + model.backbone().maxTokens() + " tokens, the rest is not read");
        }
        terminal.field("Accuracy", Format.percent(evaluation.accuracy()) + ", "
                + Format.count(Math.round(evaluation.accuracy() * data.size())) + " right");
        ClassScores scores = ClassScores.of(evaluation.confusionOrThrow());
        terminal.field("Macro F1", Format.percent(scores.macro().f1()) + ", precision "
                + Format.percent(scores.macro().precision()) + ", recall " + Format.percent(scores.macro().recall()));
        terminal.field("Matthews", String.format(Locale.ROOT, "%.3f", scores.matthews()));
        terminal.field("Loss", Format.loss(evaluation.loss()));
        classes(labels, scores);
    }

    /** A row for each class, of many those alone that are told worst. */
    private void classes(List<String> labels, ClassScores scores) {
        List<Integer> shown = IntStream.range(0, labels.size()).boxed().toList();
        terminal.line();
        if (shown.size() > MOST_CLASSES) {
            shown = shown.stream().filter(c -> scores.each().get(c).support() > 0)
                    .sorted(Comparator.comparingDouble(c -> scores.each().get(c).f1())).limit(WORST).toList();
            terminal.line("The " + shown.size() + " classes that are told worst, of " + labels.size());
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "precision", "recall", "F1", "examples"));
        for (int c : shown) {
            Score score = scores.each().get(c);
            rows.add(List.of(labels.get(c), Format.percent(score.precision()), Format.percent(score.recall()),
                    Format.percent(score.f1()), Format.count(score.support())));
        }
        terminal.table(rows);
    }

    private Map<String, Object> json(TaskModel<?, ?, ?> model, Dataset<String> data, EncodedDataset encoded,
            Evaluation evaluation) {
        ClassScores scores = ClassScores.of(evaluation.confusionOrThrow());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("run", run.directory().toString());
        json.put("model", model.model().id());
        json.put("data", data.name());
        json.put("examples", data.size());
        json.put("truncated", encoded.truncated());
        json.put("loss", evaluation.loss());
        json.putAll(evaluation.metrics());
        json.put("macro", json(scores.macro()));
        json.put("weighted", json(scores.weighted()));
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int i = 0; i < data.labels().size(); i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("label", data.labels().get(i));
            row.putAll(json(scores.each().get(i)));
            classes.add(row);
        }
        json.put("classes", classes);
        return json;
    }

    private static Map<String, Object> json(Score score) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("precision", score.precision());
        json.put("recall", score.recall());
        json.put("f1", score.f1());
        json.put("examples", score.support());
        return json;
    }
}
