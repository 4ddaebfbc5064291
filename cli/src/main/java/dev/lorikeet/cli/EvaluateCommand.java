package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.run.TaskData;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Trainer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet evaluate}. */
@Command(name = "evaluate", description = "Computes the test accuracy of a run again, from its saved files alone.",
        footer = {
            "  lorikeet evaluate --run out/supersense", "  lorikeet evaluate --run out/mine --test other.tsv"})
final class EvaluateCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private RunOption run = new RunOption();

    @Option(names = "--test", paramLabel = "FILE", description = "Other texts, with the columns of the run's own "
            + "(default: the run's test examples).")
    @Nullable
    private Path test;

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
        Classifier classifier = run.classifier();
        Recipe recipe = run.recipe();
        if (test != null) {
            recipe = RecipeFile.with(recipe, Map.of("data.train", test.toString(), "data.test", test.toString()));
        }
        Recipe tested = recipe;
        Dataset data = MemoryException.during("reading the texts", "",
                () -> TaskData.readTest(tested, classifier.labels()));
        if (!data.labels().equals(classifier.labels())) {
            throw new InputException(run.directory().resolve("head.safetensors"), "id2label",
                    "the classes are not those of the recipe's data");
        }
        Evaluation evaluation;
        try (Compute computes = Devices.open(compute.device(), terminal::line)) {
            evaluation = MemoryException.during("evaluating", "a smaller training.batch-size in "
                    + run.directory().resolve("recipe.yaml") + " needs less, ",
                    () -> new Trainer(classifier, computes, tested.training()).evaluate(data));
        }
        terminal.field("Run", run.directory().toString());
        terminal.field("Model", classifier.model().id());
        terminal.field("Data", data.name() + ": " + Format.count(data.size(), "example", "examples"));
        int truncated = EncodedDataset.of(classifier, data).truncated();
        if (truncated > 0) {
            terminal.field("Truncated", Format.count(truncated, "text has", "texts have") + " more than "
                    + classifier.model().config().maxPositions() + " tokens, the rest is not read");
        }
        terminal.field("Accuracy", Format.percent(evaluation.accuracy()) + ", "
                + Format.count(Math.round(evaluation.accuracy() * data.size())) + " right");
        terminal.field("Loss", Format.loss(evaluation.loss()));
    }
}
