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
import dev.lorikeet.transformer.weights.DType;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            terminal.field("Model", BuiltInModels.huggingFaceId(target) + ", built in");
            model(BuiltInModels.directory(target));
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
            terminal.field("Model", directory.toString());
            model(directory);
        } else if (Files.exists(directory.resolve("model").resolve("config.json"))) {
            terminal.field("Model", directory.resolve("model").toString());
            model(directory.resolve("model"));
        } else {
            throw new InputException(directory, "inspect", Files.isDirectory(directory)
                    ? "neither config.json nor adapter_config.json is there"
                    : "there is no such directory or GGUF file, and no built-in model of this name, there are "
                            + String.join(", ", BuiltInModels.names()));
        }
    }

    private void model(Path directory) {
        JsonObject config = JsonObject.read(directory.resolve("config.json"));
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
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
            terminal.field("GGUF file", file.toString());
            terminal.field("Architecture", values.string("general.architecture", "not said"));
            size(weights);
            terminal.line();
            terminal.line("Metadata");
            Map<String, Object> shown = new LinkedHashMap<>();
            values.keys().forEach(key -> shown.put(Printable.of(key), values.isString(key)
                    ? Shown.value(Printable.of(values.string(key)))
                    : values.shown(key)));
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
        long elements = 0;
        long bytes = 0;
        for (String name : weights.names()) {
            elements += weights.shape(name).size();
            DType dtype = weights.dtype(name);
            bytes += (long) weights.shape(name).size() / dtype.blockLength() * dtype.bytes();
        }
        terminal.field("Parameters", Format.count(elements) + " in " + Format.count(weights.names().size(), "tensor",
                "tensors") + ", " + Format.bytes(bytes));
    }

    private void tensors(TensorFile weights) {
        terminal.line();
        terminal.line("Tensors");
        TensorTable.of(weights).forEach(line -> terminal.line("  " + line));
    }
}
