package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An adapter that becomes something else: of a run of {@code finetune}, or by itself. */
final class AdapterOption {
    @Parameters(paramLabel = "ADAPTER", arity = "0..1", description = "The directory of a PEFT adapter.")
    @Nullable
    private Path adapter;

    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune wrote, instead of ADAPTER.")
    @Nullable
    private Path run;

    @Mixin
    private BaseOption base = new BaseOption();

    /**
     * An adapter on its model.
     *
     * @param tuned that model with its head, where it has one
     */
    record OnBase(Attached adapter, Model base, @Nullable TaskModel<?, ?, ?> tuned) {}

    /**
     * Its directory.
     *
     * @throws InputException if none is named, or the run has none
     */
    Path directory() {
        if (run == null && adapter != null) {
            return adapter;
        }
        if (run == null || adapter != null) {
            throw new InputException("ADAPTER: either this or --run DIR is expected");
        }
        if (!Files.exists(run.resolve("adapter"))) {
            throw new InputException(run, "--run", Files.exists(run.resolve("model"))
                    ? "has no adapter, its encoder was trained whole and is in " + run.resolve("model")
                    : "there is no adapter in it; lorikeet finetune makes one");
        }
        return run.resolve("adapter");
    }

    /** The name of the base model. */
    String base(Terminal terminal) {
        return base.of(directory(), terminal);
    }

    /** The name of the base model, where no adapter need be named. */
    String baseAlone(Terminal terminal) {
        return run == null && adapter == null ? base.alone(terminal) : base(terminal);
    }

    /** The folder of the run that the adapter is of; an adapter of another name in it is not the run's. */
    @Nullable
    Path folderOfRun() {
        Path place = directory().toAbsolutePath().normalize();
        Path folder = Objects.requireNonNullElse(place.getParent(), place);
        return place.endsWith("adapter") && (Files.exists(folder.resolve("head.safetensors"))
                || Files.exists(folder.resolve("task.json"))) ? folder : null;
    }

    /** On the model that the adapter's paths are of: PEFT calls what has no head a feature extractor. */
    OnBase load(String id) {
        Path folder = folderOfRun();
        if (folder != null) {
            TaskModel<?, ?, ?> tuned = TaskModel.load(folder, id, LoadOptions.STANDARD);
            if (!(tuned.attachment() instanceof Attached attached)) {
                throw new InputException(folder, "adapter", "is of a method that cannot be merged");
            }
            return new OnBase(attached, tuned.model(), tuned);
        }
        Model model = Model.load(id);
        if (model.isHeadless() || Peft.config(directory()).taskType() == TaskType.FEATURE_EXTRACTION) {
            return new OnBase(Peft.load(model.backbone(), directory(), model.hash()), model, null);
        }
        TaskModel<?, ?, ?> whole = TaskModel.of(model);
        return new OnBase(Peft.load(whole, directory(), model.hash()), model, whole);
    }
}
