package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.lora.AdapterSet;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     * @param adapters by name, those of the set, in the order in which they were given; none where there are none
     */
    record Writer(Model model, Generator generator, @Nullable AdapterSet set, List<String> adapters) {}

    /** @throws InputException if nothing says which model, or files are missing or wrong */
    Writer load(Terminal terminal) {
        Map<String, Path> named = named();
        if (model == null && named.isEmpty()) {
            throw new InputException("--model: is missing, or an --adapter that names its base");
        }
        if (model != null) {
            hub.fetch(model, terminal);
        }
        String base = named.isEmpty() ? model : Origin.base(named.values().iterator().next(), model);
        return MemoryException.during("loading the model " + base, "",
                () -> load(Model.load(base, LoadOptions.STANDARD.with(Cpu.shared())), named));
    }

    private static Writer load(Model model, Map<String, Path> named) {
        if (named.isEmpty()) {
            return new Writer(model, Generator.of(model), null, List.of());
        }
        if (model.backbone() instanceof EncoderDecoder) {
            throw new InputException("--adapter: there are none for encoders with decoders yet, as "
                    + model.architecture().modelType());
        }
        TaskModel<?, ?, ?> whole = TaskModel.of(model);
        AdapterSet set = AdapterSet.on(whole.peftRoot());
        named.forEach((name, folder) -> set.add(name, Peft.read(whole.peftRoot(), folder, model.hash())));
        List<String> names = List.copyOf(named.keySet());
        set.use(names.getFirst());
        Generator generator = Generator.of(whole);
        return new Writer(model, names.size() == 1 ? generator
                : generator.withAdapters(set::choose, names.getFirst()), set, names);
    }

    /** The adapters by the names of their folders: of {@code out/mine/adapter}, {@code mine}. */
    private Map<String, Path> named() {
        Map<String, Path> named = new LinkedHashMap<>();
        for (Path given : adapters) {
            Path folder = Origin.of(given).adapter();
            if (folder == null) {
                throw new InputException(given, "--adapter", "holds a model that was trained whole: take it as --model "
                        + given.resolve("model"));
            }
            Path whole = folder.toAbsolutePath().normalize();
            Path last = whole.endsWith("adapter") && whole.getNameCount() > 1 ? whole.getParent() : whole;
            String name = String.valueOf(last.getFileName());
            if (named.put(name, folder) != null) {
                throw new InputException(given, "--adapter", "another one is called " + name + ", too");
            }
        }
        return named;
    }
}
