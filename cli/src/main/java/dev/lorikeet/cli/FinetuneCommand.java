package dev.lorikeet.cli;

import dev.lorikeet.cli.mlflow.MlflowServer;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.cli.run.FineTuning;
import dev.lorikeet.cli.run.Keeping;
import dev.lorikeet.cli.run.Narrator;
import dev.lorikeet.cli.run.RunDirectory;
import dev.lorikeet.cli.run.RunDirectory.Start;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.cli.watch.WatchServer;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.io.InputException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet finetune}. */
@Command(name = "finetune", description = {"Fine-tunes a model on texts, labelled or alone.", "",
    "Without flags it runs the built-in recipe supersense: all-MiniLM-L6-v2 learns by rsLoRA to tell from a WordNet "
            + "definition which of 24 kinds of thing is defined. Flags change single values of the recipe."},
        abbreviateSynopsis = true, footer = {
            "  lorikeet finetune",
            "  lorikeet finetune --limit 640 --epochs 1 --out out/try",
            "  lorikeet finetune --method lora --rank 4 --targets query,value",
            "  lorikeet finetune --train train.tsv --test test.tsv --label-column kind",
            "  lorikeet finetune --recipe out/supersense/recipe.yaml --seed 2 --out out/again",
            "  lorikeet finetune --recipe cron --limit 480",
            "  lorikeet finetune --train train.tsv --test test.tsv --dry-run",
            "  lorikeet finetune --resume --out out/again"})
final class FinetuneCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private RecipeOptions recipe = new RecipeOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Where the files go (default: out/ and the recipe's "
            + "name).")
    @Nullable
    private Path out;

    @Option(names = "--force", description = "Replace the run in DIR once the new one is finished; "
            + "till then the new one is in DIR.new.")
    private boolean force;

    @Option(names = "--resume", description = "Go on with the run in DIR where it was interrupted, by its own recipe; "
            + "begin where there is none.")
    private boolean resume;

    @Option(names = "--checkpoint-steps", paramLabel = "N", description = "Keep where the run is after every N steps "
            + "(default: as often as takes a hundredth of the time, and after each epoch).")
    @Nullable
    private Integer every;

    @Option(names = "--keep-epochs", paramLabel = "N", description = "Keep the models of the last N epochs, too, in "
            + "DIR/epochs: DIR/epochs/2 is a run as DIR is, for predict and the other verbs (default: "
            + "0, or what the run was told that goes on).")
    @Nullable
    private Integer kept;

    @Option(names = "--watch", arity = "0..1", fallbackValue = "0", paramLabel = "PORT", description = "Show the run "
            + "on a page for a browser on this machine while it is under way (default: at any port that is free).")
    @Nullable
    private Integer watch;

    @Option(names = "--dry-run", description = "Check everything that a run checks, tell how many parameters, how much "
            + "memory and how much time it takes, and write nothing.")
    private boolean dry;

    @Option(names = "--find-rate", description = "Try rates from far too low to far too high, show what they come to, "
            + "suggest one, and write nothing.")
    private boolean findRate;

    @Mixin
    private HubOption hub = new HubOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    FinetuneCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (every != null && every < 1) {
            throw new InputException("--checkpoint-steps: must be at least 1, not " + every);
        }
        if (force && resume) {
            throw new InputException("--resume: goes on with a run, which --force would begin anew");
        }
        if (dry && findRate) {
            throw new InputException("--find-rate: does not go with --dry-run, each is a run of its own");
        }
        if ((dry || findRate) && resume) {
            throw new InputException(
                    (dry ? "--dry-run" : "--find-rate") + ": is of a run that begins, and --resume goes on with one");
        }
        Recipe asked = Columns.settle(recipe.read());
        Narrator narrator = new Narrator(terminal);
        Path directory = out == null ? Path.of("out", asked.name()) : out;
        Start start = resume ? Start.RESUME : force ? Start.REPLACE : Start.NEW;
        try (RunDirectory files = RunDirectory.open(directory, start, narrator)) {
            Optional<Recipe> before = files.recipe();
            if (recipe.file().isEmpty() && before.isPresent()) { // the flags change what the run itself says
                asked = Columns.settle(RecipeFile.with(before.get(), recipe.given()));
            }
            if (resume && before.isPresent() && files.saved().isEmpty()) {
                List<String> differences = RecipeFile.differences(before.get(), asked);
                if (!differences.isEmpty()) {
                    throw new InputException(directory, "--resume", "holds a finished run, and of another recipe: "
                            + String.join("; ", differences));
                }
                narrator.isFinished(files.name());
                return;
            }
            if (resume && before.isEmpty()) {
                if (out != null && recipe.file().isEmpty() && RecipeSettings.areBeside(recipe.given().keySet())) {
                    throw new InputException(directory, "--resume", "holds no run to go on with, and no recipe or flag "
                            + "says which one to begin");
                }
                narrator.begins(files.name());
            }
            run(asked, files, narrator);
        }
    }

    private void run(Recipe resolved, RunDirectory files, Narrator narrator) {
        hub.fetch(resolved.model(), terminal);
        ComputeOptions.request(resolved.compute());
        try (Compute computes = Devices.open(resolved.compute().device(), terminal::line)) {
            FineTuning<?, ?, ?> tuning = FineTuning.of(resolved, recipe.file().orElse(Path.of(resolved.name())),
                    computes,
                    files, Keeping.of(every, kept, files), narrator);
            if (dry) {
                tuning.rehearse();
            } else if (findRate) {
                tuning.findRate();
            } else {
                run(tuning, resolved);
            }
        }
    }

    /** What is tracked begins last: a run that does not begin would be under way there for ever. */
    private void run(FineTuning<?, ?, ?> tuning, Recipe resolved) {
        if (watch == null) {
            track(tuning, resolved);
            tuning.run();
            return;
        }
        try (WatchServer server = new WatchServer(watch, "--watch", tuning.live())) {
            terminal.field("Watch", server.address());
            track(tuning, resolved);
            tuning.run();
        }
    }

    /** Where the recipe says no server, the environment may, and may mean what is none. */
    private void track(FineTuning<?, ?, ?> tuning, Recipe resolved) {
        String given = System.getenv().getOrDefault(MlflowServer.VARIABLE, "");
        URI address = resolved.mlflow() != null ? resolved.mlflow() : MlflowServer.address(given);
        if (address != null) {
            terminal.field("MLflow", address.toString());
            tuning.trackOn(MlflowServer.of(address, System.getenv()));
        } else if (!given.isBlank()) {
            terminal.field("MLflow", "hears nothing: " + MlflowServer.VARIABLE + " is not " + MlflowServer.RULE);
        }
    }
}
