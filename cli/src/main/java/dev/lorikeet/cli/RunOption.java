package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The folder that a run of {@code finetune} left, or {@code merge} made of it. */
final class RunOption {
    @Option(names = "--run", paramLabel = "DIR", required = true, description = "The folder that finetune or "
            + "merge wrote.")
    private Path directory = Path.of("");

    @Mixin
    private BaseOption base = new BaseOption();

    Path directory() {
        return directory;
    }

    /**
     * The model that was tuned, with its task.
     *
     * @throws InputException if the files are not there, or do not fit together
     */
    TaskModel<?, ?, ?> model(Compute compute) {
        return MemoryException.during("loading the model of " + directory, "",
                () -> loaded(LoadOptions.STANDARD.with(compute)));
    }

    private TaskModel<?, ?, ?> loaded(LoadOptions options) {
        if (directory.toString().isBlank()) {
            throw new InputException("--run: must not be empty");
        }
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, "--run", "there is no such folder; lorikeet finetune makes one");
        }
        Path adapter = directory.resolve("adapter");
        if (Files.exists(adapter)) {
            return TaskModel.load(directory, base.of(adapter), options);
        }
        if (base.given()) {
            throw new InputException(directory, "--model", "the model of this run is whole, it has no base");
        }
        return TaskModel.load(directory, options);
    }

    boolean hasRecipe() {
        return Files.exists(directory.resolve("recipe.yaml"));
    }

    /** @throws InputException if it is not there, or wrong */
    Recipe recipe() {
        return RecipeFile.read(directory.resolve("recipe.yaml"));
    }
}
