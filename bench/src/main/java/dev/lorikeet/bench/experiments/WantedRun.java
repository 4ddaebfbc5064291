package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.FineTuning;
import dev.lorikeet.cli.run.Keeping;
import dev.lorikeet.cli.run.Narrator;
import dev.lorikeet.cli.run.RunDirectory;
import dev.lorikeet.cli.run.RunDirectory.Start;
import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A run that is to be there in the end.
 *
 * @param name of the recipe, for messages
 */
record WantedRun(Path directory, Recipe recipe, Path name) {
    /**
     * Runs it, or what is left of it, unless it is there.
     *
     * @return whether there was anything to do
     */
    boolean train(Terminal terminal) {
        if (finished().isPresent()) {
            return false;
        }
        terminal.line();
        terminal.line("=== " + directory);
        Narrator narrator = new Narrator(terminal);
        Start start = RunDirectory.isInterrupted(directory) ? Start.RESUME : Start.REPLACE; // not finished
        try (RunDirectory files = RunDirectory.open(directory, start, narrator)) {
            FineTuning.of(recipe, name, Cpu.shared(), files, Keeping.STANDARD, narrator).run();
        }
        return true;
    }

    /** @throws InputException if another run is in its place */
    Optional<SavedRun> finished() {
        Optional<SavedRun> found = SavedRun.finished(directory);
        found.ifPresent(run -> {
            Recipe other = run.recipe();
            if (!other.method().equals(recipe.method()) || !other.training().equals(recipe.training())
                    || !Objects.equals(other.limit(), recipe.limit())) {
                throw new InputException(directory, "recipe.yaml",
                        "there is a finished run with other settings in this folder: take another --out");
            }
        });
        return found;
    }
}
