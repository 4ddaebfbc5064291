package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.OutputFolder;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.WeightChange;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet merge}. */
@Command(name = "merge", description = "Puts an adapter into the weights of its base model, in float32, and "
        + "writes the result as a Hugging Face directory; that of a run has its head, too, and predict and evaluate "
        + "take it. Shows how much each layer's weights change.",
        footer = {
            "  lorikeet merge --run out/supersense --out models/supersense",
            "  lorikeet merge adapters/mine --out models/mine",
            "  lorikeet merge adapters/mine --model models/bert --out models/mine"})
final class MergeCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(paramLabel = "ADAPTER", arity = "0..1", description = "The directory of a PEFT adapter.")
    @Nullable
    private Path adapterDirectory;

    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune wrote, instead of ADAPTER.")
    @Nullable
    private Path run;

    @Mixin
    private BaseOption baseOption = new BaseOption();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the merged model goes.")
    private Path out = Path.of("");

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    /** What is merged into its model, and how that is written. */
    private record Merging(Attached adapter, Consumer<Path> saver) {}

    MergeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Path adapter = adapter();
        String id = baseOption.of(adapter, terminal);
        Path model = ModelName.find(id);
        compute.request();
        Map<String, WeightChange> changes;
        try (OutputFolder folder = new OutputFolder(out, Set.of())) {
            if (!folder.isEmpty()) {
                throw folder.error("is not empty, a folder for the merged model alone is expected");
            }
            Merging merging = load(id, adapter);
            changes = merge(merging.adapter, adapter);
            folder.write(merging.saver);
        }
        terminal.field("Adapter", adapter.toString());
        terminal.field("Base", model.toString());
        terminal.field("Merged", Format.count(changes.size(), "layer", "layers"));
        terminal.line();
        terminal.line("Change of each weight, as a share of its norm");
        int width = changes.keySet().stream().mapToInt(String::length).max().orElse(0);
        changes.forEach((path, change) -> terminal.line(String.format(Locale.ROOT, "  %-" + width + "s  %7s",
                path, Format.percent(change.relative()))));
        terminal.line();
        terminal.line("Written to " + out);
    }

    private Path adapter() {
        if (run == null && adapterDirectory != null) {
            return adapterDirectory;
        }
        if (run == null || adapterDirectory != null) {
            throw new InputException("merge: either --run DIR or ADAPTER is expected");
        }
        if (!Files.exists(run.resolve("adapter"))) {
            throw new InputException(run, "--run", Files.exists(run.resolve("model"))
                    ? "has no adapter, its encoder was trained whole and is in " + run.resolve("model")
                    : "there is no adapter in it; lorikeet finetune makes one");
        }
        return run.resolve("adapter");
    }

    /** On the model that the adapter's paths are of: PEFT calls what has no head a feature extractor. */
    private static Merging load(String id, Path adapter) {
        Path directory = Objects.requireNonNullElse(adapter.toAbsolutePath().normalize().getParent(), adapter);
        boolean ofRun = adapter.toAbsolutePath().normalize().endsWith("adapter") && (Files.exists(directory.resolve(
                "head.safetensors")) || Files.exists(directory.resolve("task.json")));
        if (ofRun) { // an adapter of another name beside it is not the run's
            return ofRun(directory, id);
        }
        Model base = Model.load(id);
        if (base.isHeadless() || Peft.config(adapter).taskType() == TaskType.FEATURE_EXTRACTION) {
            return new Merging(Peft.load(base.backbone(), adapter, base.hash()),
                    folder -> base.write(base.backbone(), null, folder));
        }
        TaskModel<?, ?, ?> whole = TaskModel.of(base);
        return new Merging(Peft.load(whole, adapter, base.hash()), whole::saveMerged);
    }

    /** With the head and the recipe, without which nobody could ask it or test it. */
    private static Merging ofRun(Path directory, String id) {
        TaskModel<?, ?, ?> model = TaskModel.load(directory, id, LoadOptions.STANDARD);
        Path recipe = directory.resolve("recipe.yaml");
        if (!(model.attachment() instanceof Attached adapter)) {
            throw new InputException(directory, "adapter", "is of a method that cannot be merged");
        }
        return new Merging(adapter, folder -> {
            model.saveMerged(folder);
            if (Files.exists(recipe)) {
                RecipeFile.write(folder.resolve("recipe.yaml"), RecipeFile.read(recipe));
            }
        });
    }

    private static Map<String, WeightChange> merge(Attached attached, Path adapter) {
        try {
            return attached.merge();
        } catch (IllegalStateException e) { // a table that is the head's too, or a bias without a place
            throw new InputException(adapter, "merge", String.valueOf(e.getMessage()));
        }
    }
}
