package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.lora.peft.TunedClassifier;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Classifier;
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

    /** @throws InputException if the files are not there, or do not fit together */
    Classifier classifier() {
        return MemoryException.during("loading the model of " + directory, "", this::loaded);
    }

    private Classifier loaded() {
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, "--run", "there is no such folder; lorikeet finetune makes one");
        }
        Path adapter = directory.resolve("adapter");
        if (Files.exists(adapter)) {
            return TunedClassifier.load(directory, base.of(adapter));
        }
        if (base.given()) {
            throw new InputException(directory, "--model", "the model of this run is whole, it has no base");
        }
        return TunedClassifier.load(directory);
    }

    /** @throws InputException if it is not there, or wrong */
    Recipe recipe() {
        return RecipeFile.read(directory.resolve("recipe.yaml"));
    }
}
