package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A recipe, and flags that change single values of it. */
@Command
final class RecipeOptions {
    @Option(names = "--recipe", paramLabel = "FILE", description = "The recipe, YAML, or cron for the second one "
            + "that is built in (default: the first, supersense).")
    @Nullable
    private Path recipe;

    private final RecipeFlags flags = new RecipeFlags();

    /** picocli hands over the command that these options are of. */
    @Spec(Spec.Target.MIXEE)
    void spec(CommandSpec command) {
        flags.addTo(command, RecipeSettings.ALL);
    }

    /** The file that is given. */
    Optional<Path> file() {
        return Optional.ofNullable(recipe);
    }

    /** The flags that are given, by the settings' full names. */
    Map<String, Object> given() {
        return flags.given();
    }

    /** @throws dev.lorikeet.transformer.io.InputException as {@link RecipeFile#begin} */
    Recipe read() {
        return RecipeFile.begin(recipe, flags.given());
    }
}
