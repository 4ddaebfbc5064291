package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.weights.BuiltInModels;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufMetadata;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet inspect}. */
@Command(name = "inspect", description = "Shows what a model or an adapter holds, without loading its weights.",
        footer = {
            "  lorikeet inspect all-MiniLM-L6-v2", "  lorikeet inspect models/my-bert",
            "  lorikeet inspect models/smollm2.gguf",
            "  lorikeet inspect out/supersense/adapter"})
final class InspectCommand implements Runnable {
    private static final String ADAPTER_CONFIG = "adapter_config.json";

    private final Terminal terminal;

    @Parameters(paramLabel = "MODEL|ADAPTER", description = "A built-in model's name, a Hugging Face directory, a GGUF "
            + "file, the directory of a PEFT adapter, that of a run, or ORG/NAME of a hub, "
            + "which is fetched first, its weights too.")
    private String target = "";

    @Option(names = "--json", description = "One JSON object: the same, with every tensor by itself.")
    private boolean json;

    @Mixin
    private HubOption hub = new HubOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (BuiltInModels.isBuiltIn(target)) {
            model(BuiltInModels.huggingFaceId(target) + ", built in", BuiltInModels.directory(target));
            return;
        }
        hub.fetch(target, terminal);
        Path directory = ModelName.isPath(target) ? FileNames.of(target, "inspect") : ModelName.find(target);
        if (Files.isRegularFile(directory)) {
            gguf(directory);
        } else if (Files.exists(directory.resolve(ADAPTER_CONFIG))) {
            adapter(directory);
        } else if (Files.exists(directory.resolve("adapter").resolve(ADAPTER_CONFIG))) {
            adapter(directory.resolve("adapter"));
        } else if (Files.exists(directory.resolve("config.json"))) {
            model(directory.toString(), directory);
        } else if (Files.exists(directory.resolve("model").resolve("config.json"))) {
            model(directory.resolve("model").toString(), directory.resolve("model"));
        } else {
            throw new InputException(directory, "inspect", Files.isDirectory(directory)
                    ? "neither config.json nor adapter_config.json is there"
                    : "there is no such directory or GGUF file, and no built-in model of this name, there are "
                            + String.join(", ", BuiltInModels.names()));
        }
    }

    private void model(String name, Path directory) {
        JsonObject config = JsonObject.read(directory.resolve("config.json"));
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            if (json) {
                json(weights, "model", name, "files", directory.toString(), "config", config.fields());
                return;
            }
            terminal.field("Model", name);
            terminal.field("Files", directory.toString());
            size(weights);
            terminal.line();
            terminal.line("config.json");
            table(config.fields());
            tensors(weights);
        }
    }

    /** A GGUF file, of any architecture. */
    private void gguf(Path file) {
        try (GgufFile weights = GgufFile.open(file)) {
            GgufMetadata values = weights.values();
            String architecture = values.string("general.architecture", "not said");
            Map<String, Object> shown = new LinkedHashMap<>();
            values.keys().forEach(key -> shown.put(Printable.of(key), values.isString(key)
                    ? Shown.value(Printable.of(values.string(key)))
                    : values.shown(key)));
            if (json) {
                json(weights, "gguf", file.toString(), "architecture", architecture, "metadata", shown);
                return;
            }
            terminal.field("GGUF file", file.toString());
            terminal.field("Architecture", architecture);
            size(weights);
            terminal.line();
            terminal.line("Metadata");
            table(shown);
            tensors(weights);
        }
    }

    private void table(Map<String, Object> fields) {
        int width = fields.keySet().stream().mapToInt(String::length).max().orElse(0);
        fields.forEach((name, value) -> terminal
                .line(String.format(Locale.ROOT, "  %-" + width + "s  %s", name, value)));
    }

    private void adapter(Path directory) {
        LoraConfig config = Peft.config(directory);
        try (TensorFile weights = Safetensors.open(directory.resolve("adapter_model.safetensors"))) {
            if (json) {
                json(weights, "adapter", directory.toString(), "base", Peft.baseModelId(directory), "config",
                        JsonObject.read(directory.resolve(ADAPTER_CONFIG)).fields());
                return;
            }
            terminal.field("Adapter", directory.toString());
            terminal.field("Base", Objects.requireNonNullElse(Peft.baseModelId(directory), "not named"));
            AdaLora adaLora = config.adaLora();
            terminal.field("Method", (adaLora != null ? "AdaLoRA"
                    : config.scaling() == Scaling.RSLORA ? "rsLoRA" : "LoRA") + (config.dora() ? " with DoRA" : ""));
            terminal.field("Rank", adaLora != null ? adaLora.initialRank() + ", then " + adaLora.targetRank()
                    + " in the mean" : config.rank() + (config.rankPattern().isEmpty() ? "" : ", others by pattern"));
            terminal.field("Alpha", Format.number(config.alpha()));
            if (config.rankPattern().isEmpty()) {
                terminal.field("Scaling", Format.number(config.scaling(adaLora != null ? adaLora.initialRank()
                        : config.rank(), config.alpha())));
            }
            terminal.field("Targets", switch (config.targets()) {
                case ModuleSelection.AllLinear _ -> "all-linear";
                case ModuleSelection.Expression expression -> expression.expression().toString();
                case ModuleSelection.Names names -> names.names().stream().map(TensorTable::withoutNumber).distinct()
                        .collect(Collectors.joining(", "));
            });
            size(weights);
            tensors(weights);
        }
    }

    private void size(TensorFile weights) {
        terminal.field("Parameters", Format.count(elements(weights)) + " in " + Format.count(weights.names().size(),
                "tensor", "tensors") + ", " + Format.bytes(bytes(weights)));
    }

    private static long elements(TensorFile weights) {
        return weights.names().stream().mapToLong(name -> weights.shape(name).size()).sum();
    }

    private static long bytes(TensorFile weights) {
        return weights.names().stream().mapToLong(name -> (long) weights.shape(name).size()
                / weights.dtype(name).blockLength() * weights.dtype(name).bytes()).sum();
    }

    /** @param fields names and values in turn, before those of the weights */
    private void json(TensorFile weights, @Nullable Object... fields) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            all.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        all.put("parameters", elements(weights));
        all.put("bytes", bytes(weights));
        all.put("tensors", weights.names().stream().map(name -> {
            Map<String, Object> tensor = new LinkedHashMap<>();
            tensor.put("name", name);
            tensor.put("shape", IntStream.range(0, weights.shape(name).rank()).mapToObj(weights.shape(name)::dim)
                    .toList());
            tensor.put("type", weights.dtype(name).toString());
            return tensor;
        }).toList());
        terminal.json(all);
    }

    private void tensors(TensorFile weights) {
        terminal.line();
        terminal.line("Tensors");
        TensorTable.of(weights).forEach(line -> terminal.line("  " + line));
    }
}
