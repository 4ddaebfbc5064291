package dev.lorikeet.cli;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.OutputFolder;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.peft.TunedClassifier;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.PretrainedModel;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** A model that can be written, with or without a head. */
    private record Base(Module module, @Nullable String weightsHash, Consumer<Path> saver) {}

    MergeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Path adapter = adapter();
        String id = baseOption.of(adapter);
        Path model = BuiltInModels.isBuiltIn(id) ? BuiltInModels.directory(id) : Path.of(id);
        compute.request();
        Map<String, LoraAdapter.Change> changes;
        try (OutputFolder folder = new OutputFolder(out, Set.of())) {
            if (!folder.isEmpty()) {
                throw folder.error("is not empty, a folder for the merged model alone is expected");
            }
            Base base = load(id, model, adapter);
            changes = merge(Peft.load(base.module, adapter, base.weightsHash), adapter);
            folder.write(base.saver);
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

    /** The model that the adapter's paths are of: PEFT calls what has no head a feature extractor. */
    private static Base load(String id, Path model, Path adapter) {
        Path directory = Objects.requireNonNullElse(adapter.toAbsolutePath().getParent(), adapter);
        if (Files.exists(directory.resolve("head.safetensors"))) {
            return ofRun(directory, Model.load(id));
        }
        JsonObject config = JsonObject.read(model.resolve("config.json"));
        boolean headless = config.fields().get("architectures") instanceof List<?> names && names.size() == 1
                && names.getFirst() instanceof String name && name.matches("[A-Za-z0-9]+(?<!Head)Model");
        if (headless || Peft.config(adapter).taskType() == TaskType.FEATURE_EXTRACTION) {
            Backbone base = Backbone.load(model);
            return new Base(base, base.weightsHash(), base::save);
        }
        PretrainedModel base = PretrainedModel.load(model);
        return new Base(base, null, base::save);
    }

    /** With the head and the recipe, without which nobody could ask it or test it. */
    private static Base ofRun(Path directory, Model model) {
        Classifier classifier = Classifier.load(model, directory.resolve("head.safetensors"));
        Path recipe = directory.resolve("recipe.yaml");
        return new Base(model.encoder(), model.weightsHash(), folder -> {
            TunedClassifier.saveMerged(classifier, folder);
            if (Files.exists(recipe)) {
                RecipeFile.write(folder.resolve("recipe.yaml"), RecipeFile.read(recipe));
            }
        });
    }

    private static Map<String, LoraAdapter.Change> merge(LoraAdapter attached, Path adapter) {
        try {
            return attached.merge();
        } catch (IllegalStateException e) { // a table that is the head's too, or a bias without a place
            throw new InputException(adapter, "merge", String.valueOf(e.getMessage()));
        }
    }
}
