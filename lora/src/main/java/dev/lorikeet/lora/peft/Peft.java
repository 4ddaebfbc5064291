package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.AtomicFile;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Saves and loads adapters as Hugging Face PEFT does. */
public final class Peft {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    /** PEFT wraps the model twice, and says so in every tensor's name. */
    private static final String PREFIX = "base_model.model.";
    /** The key of the metadata under which the hash of the base's weights stands. PEFT does not read it. */
    private static final String BASE_WEIGHTS = "base_weights";
    private static final Set<DType> FLOATS = Set.of(DType.F64, DType.F32, DType.F16, DType.BF16);

    private Peft() {}

    /**
     * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into {@code directory}, each whole or
     * not at all. The same adapter always gives the same bytes.
     *
     * @param baseModelId the base model's Hugging Face id, or a path relative to {@code directory}
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
        adapter.layers().forEach((path, layer) -> layer.parameters()
                .forEach((name, parameter) -> tensors.put(PREFIX + path + "." + name, parameter.value())));
        adapter.saved().forEach((path, parameter) -> tensors.put(PREFIX + path, parameter.value()));
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        if (weightsHash != null) {
            metadata.put(BASE_WEIGHTS, weightsHash);
        }
        Safetensors.write(directory.resolve(WEIGHTS), tensors, metadata);
        AtomicFile.write(directory.resolve(CONFIG), ConfigWriter.json(adapter, baseModelId, taskType));
    }

    /**
     * The base model that {@code directory} names, or null.
     *
     * @throws InputException if the configuration is missing or no JSON object
     */
    public static @Nullable String baseModelId(Path directory) {
        return ConfigReader.baseModel(directory.resolve(CONFIG));
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
     * lets training go on. Files and model are checked against each other before the model is touched: every field,
     * that every target has its two tensors, that every tensor belongs to one, types, shapes, finite numbers.
     *
     * @param weightsHash of the model's weights: where the file holds another, it is an adapter for another base; or
     *     null
     * @throws InputException naming file, field or tensor, and rule
     * @throws IllegalStateException if a targeted layer has an adapter already
     */
    public static LoraAdapter load(Module model, Path directory, @Nullable String weightsHash) {
        Path configFile = directory.resolve(CONFIG);
        LoraConfig config = ConfigReader.read(configFile);
        LoraPlan plan;
        try {
            plan = LoraPlan.of(model, config);
        } catch (InputException e) {
            throw new InputException(configFile + ": " + e.getMessage());
        }
        Path file = directory.resolve(WEIGHTS);
        if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
            throw new InputException(file, "open",
                    "there is only adapter_model.bin, a pickle, and pickles are not read");
        }
        try (Weights weights = Safetensors.open(file)) {
            requireBase(weights, weightsHash);
            return plan.attach(read(weights, shapes(plan)));
        }
    }

    private static void requireBase(Weights weights, @Nullable String expected) {
        String found = weights.metadata().get(BASE_WEIGHTS);
        if (expected != null && found != null && !found.equals(expected)) {
            throw new InputException(weights.source(), "__metadata__." + BASE_WEIGHTS,
                    "the adapter is for a base with the "
                            + "weights " + found + ", this model has " + expected);
        }
    }

    /** The tensors that the plan needs, by path. */
    private static Map<String, Shape> shapes(LoraPlan plan) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (LoraPlan.Site site : plan.sites()) {
            shapes.put(site.path() + ".lora_A.weight", Shape.of(site.rank(), site.linear().inFeatures()));
            shapes.put(site.path() + ".lora_B.weight", Shape.of(site.linear().outFeatures(), site.rank()));
        }
        plan.saved().forEach((path, parameter) -> shapes.put(path, parameter.value().shape()));
        return shapes;
    }

    private static Map<String, Tensor> read(Weights weights, Map<String, Shape> shapes) {
        shapes.forEach((path, shape) -> check(weights, PREFIX + path, shape));
        for (String name : weights.names()) {
            if (!name.startsWith(PREFIX) || !shapes.containsKey(name.substring(PREFIX.length()))) {
                throw new InputException(weights.source(), name,
                        "belongs to no module that " + CONFIG + " targets or saves");
            }
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String path : shapes.keySet()) {
            tensors.put(path, weights.readFinite(PREFIX + path));
        }
        return tensors;
    }

    private static void check(Weights weights, String name, Shape shape) {
        if (!weights.contains(name)) {
            throw new InputException(weights.source(), name, "is missing, " + CONFIG + " asks for it");
        }
        if (!weights.shape(name).equals(shape)) {
            throw new InputException(weights.source(), name,
                    "shape " + shape + " is expected from " + CONFIG + " and the model, not " + weights.shape(name));
        }
        if (!FLOATS.contains(weights.dtype(name))) {
            throw new InputException(weights.source(), name,
                    "one of " + FLOATS + " is expected, not " + weights.dtype(name));
        }
    }
}
