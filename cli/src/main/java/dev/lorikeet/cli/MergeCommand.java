package dev.lorikeet.cli;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.OutputFolder;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.BaseModel;
import dev.lorikeet.transformer.model.PretrainedModel;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet merge}. */
@Command(name = "merge", description = "Puts an adapter into the weights of its base model, in float32, and writes the result as a Hugging Face directory. Shows how much each layer's weights change.", footer = {
    "  lorikeet merge --run out/supersense --out models/supersense",
    "  lorikeet merge adapters/mine --out models/mine", "  lorikeet merge adapters/mine models/bert --out models/mine"})
final class MergeCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(paramLabel = "ADAPTER [MODEL]", arity = "0..2", description = "The directory of a PEFT adapter, and its base model if that is not where the adapter says: a Hugging Face directory, or the name of a built-in model.")
    private List<String> adapterAndModel = new ArrayList<>();

    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune wrote, instead of ADAPTER.")
    @Nullable
    private Path run;

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
        Path model = model(adapter);
        compute.request();
        Map<String, LoraAdapter.Change> changes;
        try (OutputFolder folder = new OutputFolder(out, Set.of())) {
            if (!folder.isEmpty()) {
                throw folder.error("is not empty, a folder for the merged model alone is expected");
            }
            Base base = load(model, adapter);
            changes = merge(Peft.load(base.module, adapter, base.weightsHash), adapter);
            folder.write(base.saver);
        }
        terminal.field("Adapter", adapter.toString());
        terminal.field("Base", model.toString());
        terminal.field("Merged", Format.count(changes.size(), "layer", "layers"));
        terminal.out().println();
        terminal.out().println("Change of each weight, as a share of its norm");
        int width = changes.keySet().stream().mapToInt(String::length).max().orElse(0);
        changes.forEach((path, change) -> terminal.out().println(String.format(Locale.ROOT, "  %-" + width + "s  %7s",
                path, Format.percent(change.relative()))));
        terminal.out().println();
        terminal.out().println("Written to " + out);
    }

    private Path adapter() {
        if ((run == null) == adapterAndModel.isEmpty()) {
            throw new InputException("merge: either --run DIR or ADAPTER is expected");
        }
        if (run == null) {
            return FileNames.of(adapterAndModel.getFirst(), "ADAPTER");
        }
        if (!Files.exists(run.resolve("adapter"))) {
            throw new InputException(run, "--run", Files.exists(run.resolve("model"))
                    ? "has no adapter, its encoder was trained whole and is in " + run.resolve("model")
                    : "there is no adapter in it; lorikeet finetune makes one");
        }
        return run.resolve("adapter");
    }

    /** The directory of the base: the one given, or the one that the adapter names, from its folder or from here. */
    private Path model(Path adapter) {
        String named = Peft.baseModelId(adapter); // also says what is wrong with the adapter's folder
        String id = adapterAndModel.size() > 1 ? adapterAndModel.get(1) : named;
        if (id == null) {
            throw new InputException(adapter.resolve("adapter_config.json"), "base_model_name_or_path",
                    "is missing: name the base model behind the adapter");
        }
        if (BuiltInModels.isBuiltIn(id)) {
            return BuiltInModels.directory(id);
        }
        Path directory = FileNames.of(id, "MODEL");
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, "model", "there is no such directory, and no built-in model of this "
                    + "name: name the base model behind the adapter");
        }
        return directory;
    }

    /** The model that the adapter's paths are of: PEFT calls what has no head a feature extractor. */
    private static Base load(Path model, Path adapter) {
        JsonObject config = JsonObject.read(model.resolve("config.json"));
        boolean headless = config.fields().get("architectures") instanceof List<?> names && names.size() == 1
                && names.getFirst() instanceof String name && name.matches("[A-Za-z0-9]+(?<!Head)Model");
        if (headless || Peft.config(adapter).taskType() == TaskType.FEATURE_EXTRACTION) {
            BaseModel base = BaseModel.load(model);
            return new Base(base, base.weightsHash(), base::save);
        }
        PretrainedModel base = PretrainedModel.load(model);
        return new Base(base, null, base::save);
    }

    private static Map<String, LoraAdapter.Change> merge(LoraAdapter attached, Path adapter) {
        try {
            return attached.merge();
        } catch (IllegalStateException e) { // a table that is the head's too, or a bias without a place
            throw new InputException(adapter, "merge", String.valueOf(e.getMessage()));
        }
    }
}
