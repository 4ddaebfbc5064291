package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraLayer;
import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Saves and loads adapters as Hugging Face PEFT does. */
public final class Peft {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = AdapterFile.PREFIX;
    /** The key of the metadata under which the hash of the base's weights stands. PEFT does not read it. */
    private static final String BASE_WEIGHTS = "base_weights";
    private static final Logger LOG = System.getLogger(Peft.class.getName());

    private Peft() {}

    /**
     * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into {@code directory}, each whole or
     * not at all. The same adapter always gives the same bytes.
     *
     * @param baseModelId the base model's Hugging Face id, or the absolute path of its directory: PEFT knows no other,
     *     since it counts relative ones from wherever Python runs
     * @param weightsHash by which the base is known again, or null
     * @throws InputException if a file cannot be written
     */
    public static void save(LoraAdapter adapter, String baseModelId, @Nullable String weightsHash, Path directory) {
        save(adapter, baseModelId, weightsHash, adapter.config().taskType(), directory);
    }

    /** As above, for another task than the configuration's. */
    public static void save(LoraAdapter adapter, String baseModelId, @Nullable String weightsHash,
            @Nullable TaskType taskType, Path directory) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<LoraSite> sites = adapter.layers().values().stream().map(LoraLayer::site).toList();
        requireSameMeaning(adapter.config(), sites);
        warnOfSketch(adapter.config());
        Map<String, Parameter> parameters = adapter.namedParameters();
        parameters.forEach((path, parameter) -> tensors.put(PREFIX + TensorNames.inFile(path, sites),
                parameter.value()));
        if (adapter.allocator() != null) {
            AdaLoraTensors.kept(adapter, adapter.allocator()).forEach((path, kept) -> tensors
                    .replaceAll((name, tensor) -> name.startsWith(PREFIX + path + ".lora_")
                            ? AdaLoraTensors.part(tensor, name.substring((PREFIX + path + ".").length()), kept)
                            : tensor));
        }
        Set<String> saved = adapter.saved().keySet();
        TensorNames.again(adapter.config(), adapter.model(), saved)
                .forEach((name, path) -> tensors.put(PREFIX + name,
                        Objects.requireNonNull(parameters.get(path)).value()));
        TensorNames.ofBase(adapter.config(), adapter.model(), sites, saved)
                .forEach((name, path) -> tensors.put(PREFIX + name, adapter.original(path)));
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        if (weightsHash != null) {
            metadata.put(BASE_WEIGHTS, weightsHash);
        }
        Safetensors.write(directory.resolve(WEIGHTS), tensors, metadata);
        AtomicFile.write(directory.resolve(CONFIG), ConfigWriter.json(adapter, baseModelId, taskType));
    }

    /**
     * The base model that {@code directory} names, or null: the path of a directory if what it names is one, seen from
     * there, else the name as it stands.
     *
     * @throws InputException if the configuration is missing or no JSON object
     */
    public static @Nullable String baseModelId(Path directory) {
        String id = ConfigReader.baseModel(directory.resolve(CONFIG));
        if (id == null) {
            return null;
        }
        Path there = FileNames.resolve(directory, id, rule -> new InputException(directory.resolve(CONFIG),
                "base_model_name_or_path", rule)).normalize();
        return Files.isDirectory(there) ? there.toString() : id;
    }

    /**
     * The configuration in {@code directory}.
     *
     * @throws InputException naming the field that is missing, wrong or not supported
     */
    public static LoraConfig config(Path directory) {
        return ConfigReader.read(directory.resolve(CONFIG));
    }

    /** As {@link #load(Module, Path, String)}, on whatever base. */
    public static LoraAdapter load(Module model, Path directory) {
        return load(model, directory, null);
    }

    /**
     * Attaches the adapter in {@code directory} to {@code model}, its parameters frozen; {@link LoraAdapter#unfreeze}
     * lets training go on.
     *
     * @param weightsHash of the model's weights: where the file holds another, it is an adapter for another base; or
     *     null
     * @throws InputException as {@link #read}
     * @throws IllegalStateException if a targeted layer has an adapter already
     */
    public static LoraAdapter load(Module model, Path directory, @Nullable String weightsHash) {
        return read(model, directory, weightsHash).attach();
    }

    /**
     * Reads the adapter in {@code directory} without putting it on {@code model}. Files and model are checked against
     * each other: every field, that every target has its tensors, that every tensor belongs to one, types, shapes,
     * finite numbers.
     *
     * @param weightsHash of the model's weights: where the file holds another, it is an adapter for another base; or
     *     null
     * @throws InputException naming file, field or tensor, and rule
     */
    public static LoraWeights read(Module model, Path directory, @Nullable String weightsHash) {
        Path configFile = directory.resolve(CONFIG);
        LoraConfig config = ConfigReader.read(configFile);
        LoraPlan plan = named(configFile, () -> LoraPlan.of(model, config, ConfigReader.masks(configFile)));
        Path file = directory.resolve(WEIGHTS);
        if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
            throw new InputException(file, "open",
                    "there is only adapter_model.bin, a pickle, and pickles are not read");
        }
        try (TensorFile weights = Safetensors.open(file)) {
            requireBase(weights, weightsHash);
            LoraWeights read = AdapterFile.read(weights, plan);
            return named(configFile, () -> {
                requireSameMeaning(config, plan.sites());
                warnOfSketch(config);
                read.requireOwnStart();
                return read;
            });
        }
    }

    private static void warnOfSketch(LoraConfig config) {
        if (config.initialization() instanceof WeightInitialization.FastPissa) {
            LOG.log(Level.WARNING,
                    "pissa_niter_N: PEFT finds what was taken out of the base by new random numbers each time, "
                            + "so that the adapter is only as exact as those agree; Lora.toPlain makes one that needs "
                            + "none");
        }
    }

    /** PEFT decomposes the weight of {@code Conv1D} as it is stored, and takes another part of it out. */
    private static void requireSameMeaning(LoraConfig config, List<LoraSite> sites) {
        for (LoraSite site : sites) {
            if (config.initialization() instanceof WeightInitialization.Olora && site.module() instanceof Linear linear
                    && linear.layout() == Linear.Layout.IN_OUT) {
                throw new InputException("initialization (init_lora_weights): olora means something else to PEFT on "
                        + site.path() + ", a Conv1D layer; an adapter that Lora.toPlain converts does not");
            }
        }
    }

    /** What is wrong in the configuration, with its file's name where that is not said yet. */
    static <T> T named(Path configFile, Supplier<T> step) {
        try {
            return step.get();
        } catch (InputException e) {
            throw e.getMessage().startsWith(configFile + ": ") ? e
                    : new InputException(configFile + ": " + e.getMessage());
        }
    }

    private static void requireBase(TensorFile weights, @Nullable String expected) {
        String found = weights.metadata().get(BASE_WEIGHTS);
        if (expected != null && found != null && !found.equals(expected)) {
            throw new InputException(weights.source(), "__metadata__." + BASE_WEIGHTS,
                    "the adapter is for a base with the "
                            + "weights " + found + ", this model has " + expected);
        }
    }
}
