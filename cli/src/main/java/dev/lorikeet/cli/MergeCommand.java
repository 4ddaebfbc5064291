package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.OutputFolder;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.WeightChange;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet merge}. */
@Command(name = "merge", description = "Puts an adapter into the weights of its base model, in float32, and "
        + "writes the result as a Hugging Face directory; that of a run has its head, too, and predict and evaluate "
        + "take it; or, of a decoder, as a GGUF file with its tokenizer. Shows how much each layer's "
        + "weights change.",
        footer = {
            "  lorikeet merge --run out/supersense --out models/supersense",
            "  lorikeet merge adapters/mine --out models/mine",
            "  lorikeet merge adapters/mine --model models/bert --out models/mine",
            "  lorikeet merge adapters/mine --format gguf --type q8_0 --out models/mine.gguf",
            "  lorikeet merge --base-only --model base.gguf --out models/base"})
final class MergeCommand implements Runnable {
    private static final String NOT_EMPTY = "is not empty, a folder for the merged model alone is expected";

    private final Terminal terminal;

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(names = "--out", paramLabel = "DIR|FILE.gguf", required = true,
            description = "Where the merged model goes.")
    private Path out = Path.of("");

    @Option(names = "--format", paramLabel = "huggingface|gguf", converter = ModelFormat.Names.class,
            description = "As what it is written (default: gguf where --out ends so, else huggingface).")
    private @Nullable ModelFormat format;

    @Option(names = "--type", paramLabel = GgufType.LABEL, converter = GgufType.class,
            description = "With --format gguf, the type of its matrices (default: f32).")
    @Nullable
    private DType type;

    @Option(names = "--base-only", description = "Leave the adapter out: the base model itself, as a Hugging Face "
            + "directory for PEFT to put the adapter on, or as GGUF.")
    private boolean baseOnly;

    @Option(names = "--json", description = "One JSON object, with the change of each weight as a share of its norm.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    MergeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    private ModelFormat format() {
        return format != null ? format
                : out.toString().endsWith(".gguf") ? ModelFormat.GGUF : ModelFormat.HUGGINGFACE;
    }

    @Override
    public void run() {
        if (type != null && format() != ModelFormat.GGUF) {
            throw new InputException("--type: is for --format gguf, a Hugging Face directory has float32");
        }
        String id = baseOnly ? adapter.baseAlone(terminal) : adapter.base(terminal);
        Path model = ModelName.find(id);
        compute.request();
        if (baseOnly) {
            writeBase(id);
            if (json) {
                terminal.json(Map.of("base", model.toString(), "out", out.toString()));
            } else {
                terminal.field("Base", model.toString());
                terminal.line("Written to " + out);
            }
            return;
        }
        Map<String, WeightChange> changes = format() == ModelFormat.GGUF ? toFile(id) : toFolder(id);
        if (json) {
            Map<String, Object> shares = new LinkedHashMap<>();
            changes.forEach((path, change) -> shares.put(path, change.relative()));
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("adapter", adapter.directory().toString());
            all.put("base", model.toString());
            all.put("changes", shares);
            all.put("out", out.toString());
            terminal.json(all);
            return;
        }
        terminal.field("Adapter", adapter.directory().toString());
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

    private void writeBase(String id) {
        if (format() == ModelFormat.GGUF) {
            GgufType.requireNew(out);
            Model base = Model.load(id);
            base.writeGguf(base.hasHead() ? TaskModel.of(base) : base.backbone(),
                    Objects.requireNonNullElse(type, DType.F32), out);
            return;
        }
        try (OutputFolder folder = new OutputFolder(out, Set.of())) {
            if (!folder.isEmpty()) {
                throw folder.error(NOT_EMPTY);
            }
            Model base = Model.load(id);
            folder.write(fresh -> {
                if (base.hasHead()) {
                    TaskModel.of(base).saveMerged(fresh);
                } else {
                    base.write(base.backbone(), null, fresh);
                }
            });
        }
    }

    private Map<String, WeightChange> toFile(String id) {
        GgufType.requireNew(out);
        AdapterOption.OnBase tuned = adapter.load(id);
        Map<String, WeightChange> changes = merge(tuned.adapter());
        tuned.base().writeGguf(Objects.requireNonNullElse(tuned.tuned(), tuned.base().backbone()),
                Objects.requireNonNullElse(type, DType.F32), out);
        return changes;
    }

    private Map<String, WeightChange> toFolder(String id) {
        try (OutputFolder folder = new OutputFolder(out, Set.of())) {
            if (!folder.isEmpty()) {
                throw folder.error(NOT_EMPTY);
            }
            AdapterOption.OnBase tuned = adapter.load(id);
            Map<String, WeightChange> changes = merge(tuned.adapter());
            folder.write(fresh -> write(tuned, fresh));
            return changes;
        }
    }

    /** That of a run with the head and the recipe, without which nobody could ask it or test it. */
    private void write(AdapterOption.OnBase tuned, Path folder) {
        if (tuned.tuned() == null) {
            tuned.base().write(tuned.base().backbone(), null, folder);
            return;
        }
        tuned.tuned().saveMerged(folder);
        Path run = adapter.folderOfRun();
        if (run != null && Files.exists(run.resolve("recipe.yaml"))) {
            RecipeFile.write(folder.resolve("recipe.yaml"), RecipeFile.read(run.resolve("recipe.yaml")));
        }
    }

    private Map<String, WeightChange> merge(Attached attached) {
        try {
            return attached.merge();
        } catch (IllegalStateException e) { // a table that is the head's too, or a bias without a place
            throw new InputException(adapter.directory(), "merge", String.valueOf(e.getMessage()));
        }
    }
}
