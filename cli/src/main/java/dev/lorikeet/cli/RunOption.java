package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.lora.peft.PeftTask;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The folder that a run of {@code finetune} left, or {@code merge} made of it; or an adapter by itself. */
final class RunOption {
    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune or merge wrote.")
    @Nullable
    private Path run;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Instead, an adapter of PEFT's with a head; its "
            + "outputs are named by the id2label of a config.json beside it, or of the base model's.")
    @Nullable
    private Path adapter;

    @Option(names = "--labels", paramLabel = "NAME", split = ",", description = "With --adapter, the names of its "
            + "outputs in their order, with commas between.")
    @Nullable
    private List<String> labels;

    @Option(names = "--pairs", description = "With --adapter, it reads two texts together.")
    private boolean pairs;

    @Mixin
    private BaseOption base = new BaseOption();

    /** That of the run, or of the adapter. */
    Path directory() {
        Path directory = run != null ? run : adapter;
        if (directory == null || run != null && adapter != null) {
            throw new InputException("--run: the folder of a run is expected, or an --adapter" + (directory == null ? ""
                    : ", not both"));
        }
        if (adapter == null && (labels != null || pairs)) {
            throw new InputException((pairs ? "--pairs" : "--labels") + ": is of an --adapter, a run says it itself");
        }
        if (directory.toString().isBlank()) {
            throw new InputException((run != null ? "--run" : "--adapter") + ": must not be empty");
        }
        return directory;
    }

    /** What it is called. */
    String title() {
        return run != null ? "Run" : "Adapter";
    }

    /**
     * The model that was tuned, with its task.
     *
     * @throws InputException if the files are not there, or do not fit together
     */
    TaskModel<?, ?, ?> model(Compute compute, Terminal terminal) {
        return MemoryException.during("loading the model of " + directory(), "",
                () -> loaded(directory(), LoadOptions.STANDARD.with(compute), terminal));
    }

    private TaskModel<?, ?, ?> loaded(Path directory, LoadOptions options, Terminal terminal) {
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, run == null ? "--adapter" : "--run", "there is no such folder"
                    + (run == null ? "" : "; lorikeet finetune makes one"));
        }
        if (run == null) {
            return PeftTask.load(Model.load(base.of(directory, terminal), options), directory, pairs ? Reading.PAIR
                    : Reading.TEXT, labels);
        }
        Path own = directory.resolve("adapter");
        if (Files.exists(own)) {
            return TaskModel.load(directory, base.of(own, terminal), options);
        }
        if (base.given()) {
            throw new InputException(directory, "--model", "the model of this run is whole, it has no base");
        }
        return TaskModel.load(directory, options);
    }

    boolean hasRecipe() {
        return Files.exists(directory().resolve("recipe.yaml"));
    }

    /** @throws InputException if it is not there, or wrong */
    Recipe recipe() {
        return RecipeFile.read(directory().resolve("recipe.yaml"));
    }
}
