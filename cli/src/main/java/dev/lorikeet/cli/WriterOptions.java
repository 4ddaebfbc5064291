package dev.lorikeet.cli;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A language model that writes, with any number of adapters on it. */
final class WriterOptions {
    @Option(names = "--model", paramLabel = "MODEL", description = "A Hugging Face directory, a GGUF file, or ORG/NAME "
            + "of a hub (default: the base that the first adapter names).")
    @Nullable
    private String model;

    @Option(names = "--adapter", paramLabel = "DIR",
            description = "The folder of a run, or an adapter of PEFT's; may be "
                    + "given again. Of several, each is known by the name of its folder.")
    private List<Path> adapters = new ArrayList<>();

    @Mixin
    private HubOption hub = new HubOption();

    /**
     * A model that is loaded.
     *
     * @param set null where there are no adapters
     * @param adapters their names, in the order in which they were given
     */
    record Writer(Model model, Generator generator, @Nullable AdapterSet set, List<String> adapters,
            @Nullable Module root) {
        /** The same, where each prompt chooses; those that do not have the {@code usual} one. */
        Writer choosing(String usual) {
            return set == null ? this
                    : new Writer(model, generator.withAdapters(set::choose, usual), set, adapters, root);
        }

        /** Another adapter for the set, of the folder of a run or of an adapter. */
        LoraWeights read(Path folder) {
            return Peft.read(Objects.requireNonNull(root, "without a set"), Origin.adapter(folder, "--adapter"),
                    model.hash());
        }
    }

    /**
     * The model with its adapters, of which the first is in use.
     *
     * @throws InputException if nothing says which model, or files are missing or wrong
     */
    Writer load(Terminal terminal) {
        Writer writer = with(base(terminal), false);
        if (writer.set() != null) {
            writer.set().use(writer.adapters().getFirst());
        }
        return writer;
    }

    /** Whether the user says which model. */
    boolean given() {
        return model != null || !adapters.isEmpty();
    }

    /**
     * The model without adapters.
     *
     * @throws InputException as {@link #load}
     */
    Model base(Terminal terminal) {
        Map<String, Path> named = named();
        String said = model;
        if (said != null) {
            hub.fetch(said, terminal);
        }
        String base = named.isEmpty() ? said : Origin.base(named.values().iterator().next(), said);
        if (base == null) {
            throw new InputException("--model: is missing, or an --adapter that names its base");
        }
        return MemoryException.during("loading the model " + base, "",
                () -> Model.load(base, LoadOptions.STANDARD.with(Cpu.shared())));
    }

    /**
     * A model with the adapters, of which none is in use.
     *
     * @param more whether others may come later, so that there has to be a set
     * @throws InputException as {@link #load}
     */
    Writer with(Model base, boolean more) {
        Map<String, Path> named = named();
        if (named.isEmpty() && !more) {
            return new Writer(base, Generator.of(base), null, List.of(), null);
        }
        TaskModel<?, ?, ?> whole = TaskModel.of(base);
        AdapterSet set = AdapterSet.on(whole.peftRoot());
        named.forEach((name, folder) -> set.add(name, Peft.read(whole.peftRoot(), folder, base.hash())));
        return new Writer(base, Generator.of(whole), set, List.copyOf(named.keySet()),
                whole.peftRoot());
    }

    /**
     * The folder of the one adapter of a model that does not write; null where there is none.
     *
     * @throws InputException if there are several
     */
    @Nullable
    Path single() {
        Map<String, Path> named = named();
        if (named.size() > 1) {
            throw new InputException("--adapter: a model that makes vectors takes one alone");
        }
        return named.isEmpty() ? null : named.values().iterator().next();
    }

    /** The adapters by the names of their folders: of {@code out/mine/adapter}, {@code mine}. */
    private Map<String, Path> named() {
        Map<String, Path> named = new LinkedHashMap<>();
        for (Path given : adapters) {
            Path folder = Origin.adapter(given, "--adapter");
            Path whole = folder.toAbsolutePath().normalize();
            Path run = whole.endsWith("adapter") ? whole.getParent() : null;
            String name = String.valueOf((run == null ? whole : run).getFileName());
            if (named.put(name, folder) != null) {
                throw new InputException(given, "--adapter", "another one is called " + name + ", too");
            }
        }
        return named;
    }
}
