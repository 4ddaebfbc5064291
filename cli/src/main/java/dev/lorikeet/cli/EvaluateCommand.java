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
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.nio.file.Path;
import java.util.List;
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
        Dataset data = MemoryException.during("reading the texts", "", () -> TaskData.readTest(tested, labels));
        if (!data.labels().equals(labels)) {
            throw new InputException(run.directory().resolve("head.safetensors"), "id2label",
                    "the classes are not those of the recipe's data");
        }
        EncodedDataset encoded = EncodedDataset.of(model, data);
        Evaluation evaluation = MemoryException.during("evaluating", "a smaller training.batch-size in "
                + run.directory().resolve("recipe.yaml") + " needs less, ",
                () -> encoded.evaluate(tested.training().batchSize(), new Workspace()));
        terminal.field("Run", run.directory().toString());
        terminal.field("Model", model.model().id());
        terminal.field("Data", data.name() + ": " + Format.count(data.size(), "example", "examples"));
        if (encoded.truncated() > 0) {
            terminal.field("Truncated", Format.count(encoded.truncated(), "text has", "texts have") + " more than "
                    + model.backbone().maxTokens() + " tokens, the rest is not read");
        }
        terminal.field("Accuracy", Format.percent(evaluation.accuracy()) + ", "
                + Format.count(Math.round(evaluation.accuracy() * data.size())) + " right");
        terminal.field("Loss", Format.loss(evaluation.loss()));
    }
}
