package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.cli.run.FineTuning;
import dev.lorikeet.cli.run.Narrator;
import dev.lorikeet.cli.run.RunDirectory;
import dev.lorikeet.tensor.Compute;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorikeet finetune}. */
@Command(name = "finetune", description = {"Fine-tunes a model on labelled texts.", "",
    "Without flags it runs the built-in recipe supersense: all-MiniLM-L6-v2 learns by rsLoRA to tell from a WordNet "
            + "definition which of 24 kinds of thing is defined. Flags change single values of the recipe."},
        abbreviateSynopsis = true, footer = {
            "  lorikeet finetune",
            "  lorikeet finetune --limit 640 --epochs 1 --out out/try",
            "  lorikeet finetune --method lora --rank 4 --targets query,value",
            "  lorikeet finetune --train train.tsv --test test.tsv --label-column kind",
            "  lorikeet finetune --recipe out/supersense/recipe.yaml --seed 2 --out out/again"})
final class FinetuneCommand implements Runnable {
    private static final Path BUILT_IN = Path.of("supersense");

    private final Terminal terminal;

    @Option(names = "--recipe", paramLabel = "FILE", description = "The recipe, YAML (default: the built-in one).")
    @Nullable
    private Path recipe;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the files go (default: out/ and the recipe's "
            + "name).")
    @Nullable
    private Path out;

    @Option(names = "--force", description = "Replace the run in DIR once the new one is finished; "
            + "till then the new one is in DIR.new.")
    private boolean force;

    private final RecipeFlags flags = new RecipeFlags();

    @Mixin
    private CommonOptions common = new CommonOptions();

    FinetuneCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** picocli hands over what it makes of this class. */
    @Spec
    void spec(CommandSpec spec) {
        flags.addTo(spec, RecipeSettings.ALL);
    }

    @Override
    public void run() {
        Recipe resolved = RecipeFile.read(recipe, flags.given());
        ComputeOptions.request(resolved.compute());
        Narrator narrator = new Narrator(terminal);
        Path directory = out == null ? Path.of("out", resolved.name()) : out;
        try (Compute computes = Devices.open(resolved.compute().device(), terminal::line);
                RunDirectory files = RunDirectory.open(directory, force, narrator)) {
            new FineTuning(resolved, recipe == null ? BUILT_IN : recipe, computes, files, narrator).run();
        }
    }
}
