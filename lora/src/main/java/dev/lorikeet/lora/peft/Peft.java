package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.Pickles;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Saves and loads adapters as Hugging Face PEFT does. Which {@link PeftCodec} does it, {@code peft_type} says.
 */
public final class Peft {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String BASE_MODEL = "base_model_name_or_path";
    /** The key of the metadata under which the hash of the base's weights stands. PEFT does not read it. */
    private static final String BASE_WEIGHTS = "base_weights";
    private static final AdapterMethods LORA = new AdapterMethods(List.of(AdapterMethods.LORA));

    private Peft() {}

    /** As {@link #save(Attached, String, String, Path, AdapterMethods)}, by this library's methods. */
    public static void save(Attached adapter, String baseModelId, @Nullable String weightsHash, Path directory) {
        save(adapter, baseModelId, weightsHash, directory, AdapterMethods.standard());
    }

    /**
     * Writes {@code adapter_config.json} and {@code adapter_model.safetensors} into {@code directory}, each whole or
     * not at all. The same adapter always gives the same bytes.
     *
     * @param baseModelId the base model's Hugging Face id, or the absolute path of its directory: PEFT knows no other,
     *     since it counts relative ones from wherever Python runs
     * @param weightsHash by which the base is known again, or null
     * @throws InputException if a file cannot be written, or PEFT has no way to say what the adapter is; then nothing
     *     is written
     * @throws IllegalArgumentException if the adapter is of none of {@code methods}
     */
    public static void save(Attached adapter, String baseModelId, @Nullable String weightsHash, Path directory,
            AdapterMethods methods) {
        PeftCodec.Contents contents = methods.of(adapter).codec().contents(adapter);
        write(adapter, contents, baseModelId, weightsHash, directory);
    }

    /** The configuration sorted, indented by two, without a line break at the end. */
    private static void write(Attached adapter, PeftCodec.Contents contents, String baseModelId,
            @Nullable String weightsHash, Path directory) {
        String config = Json.write(CommonFields.around(contents.fields(), adapter.peftType(), adapter.root(),
                baseModelId)).strip();
        Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
        if (weightsHash != null) {
            metadata.put(BASE_WEIGHTS, weightsHash);
        }
        Safetensors.writeFinite(directory.resolve(WEIGHTS), contents.tensors(), metadata);
        AtomicFile.write(directory.resolve(CONFIG), config);
    }

    /**
     * The base model that {@code directory} names, or null: the path of a directory or a GGUF file if what it names is
     * there, seen from it, else the name as it stands, with its revision where it says one.
     *
     * @throws InputException if the configuration is missing or no JSON object
     */
    public static @Nullable String baseModelId(Path directory) {
        JsonObject json = JsonObject.read(directory.resolve(CONFIG));
        String id = json.has(BASE_MODEL) ? json.string(BASE_MODEL) : "";
        if (id.isEmpty()) {
            return null;
        }
        Path there = FileNames.resolve(directory, id, rule -> json.error(BASE_MODEL, rule)).normalize();
        if (Files.exists(there)) {
            return there.toString();
        }
        boolean pinned = json.fields().get("revision") != null && HubName.of(id).isPresent();
        return pinned ? HubName.of(id + "@" + json.string("revision")).map(HubName::toString)
                .orElseThrow(() -> json.error("revision", "is no branch, tag or commit")) : id;
    }

    /**
     * The configuration in {@code directory}, of an adapter of the LoRA family.
     *
     * @throws InputException naming the field that is missing, wrong or not supported
     */
    public static LoraConfig config(Path directory) {
        JsonObject json = JsonObject.read(directory.resolve(CONFIG));
        LORA.of(json);
        return named(directory, () -> AdapterMethods.LORA.codec().config(json));
    }

    /** As {@link #load(Module, Path, String)}, on whatever base. */
    public static Attached load(Module model, Path directory) {
        return load(model, directory, null);
    }

    /** As {@link #load(Module, Path, String, AdapterMethods)}, by this library's methods. */
    public static Attached load(Module model, Path directory, @Nullable String weightsHash) {
        return load(model, directory, weightsHash, AdapterMethods.standard());
    }

    /**
     * Attaches the adapter in {@code directory} to {@code model}, its parameters frozen; {@link Attached#unfreeze} lets
     * training go on. Files and model are checked against each other before that: every field, that everything which
     * is adapted has its tensors, that every tensor belongs to something, types, shapes, finite numbers.
     *
     * @param weightsHash of the model's weights: where the file holds another, it is an adapter for another base; or
     *     null
     * @throws InputException naming file, field or tensor, and rule
     * @throws IllegalStateException if a place is taken by an adapter already
     */
    public static Attached load(Module model, Path directory, @Nullable String weightsHash, AdapterMethods methods) {
        JsonObject json = JsonObject.read(directory.resolve(CONFIG));
        PeftCodec<?> codec = methods.of(json).codec();
        return open(directory, weightsHash, json, codec, weights -> codec.attach(model, json, weights));
    }

    /** As {@link #read(Module, Path, String)}, on whatever base. */
    public static LoraWeights read(Module model, Path directory) {
        return read(model, directory, null);
    }

    /**
     * Reads an adapter of the LoRA family without putting it on {@code model}: as {@link #load}, but for
     * {@link LoraWeights#attach}.
     *
     * @throws InputException as {@link #load}, and if the adapter is of another method
     */
    public static LoraWeights read(Module model, Path directory, @Nullable String weightsHash) {
        JsonObject json = JsonObject.read(directory.resolve(CONFIG));
        return open(directory, weightsHash, json, LORA.of(json).codec(),
                weights -> LoraCodec.read(model, json, weights));
    }

    private static <T> T open(Path directory, @Nullable String weightsHash, JsonObject json, PeftCodec<?> codec,
            Function<TensorFile, T> reader) {
        named(directory, () -> codec.config(json));
        Path file = directory.resolve(WEIGHTS);
        if (!Files.exists(file) && Files.exists(directory.resolve("adapter_model.bin"))) {
            throw new InputException(file, "open", Pickles.rule("adapter_model", WEIGHTS));
        }
        try (TensorFile weights = Safetensors.open(file)) {
            requireBase(weights, weightsHash);
            return named(directory, () -> reader.apply(weights));
        }
    }

    /** What is wrong in the configuration, with its file's name where no file is named yet. */
    private static <T> T named(Path directory, Supplier<T> step) {
        try {
            return step.get();
        } catch (InputException e) {
            boolean named = List.of(CONFIG, WEIGHTS).stream()
                    .anyMatch(file -> e.getMessage().startsWith(directory.resolve(file) + ": "));
            throw named ? e : new InputException(directory.resolve(CONFIG) + ": " + e.getMessage());
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
