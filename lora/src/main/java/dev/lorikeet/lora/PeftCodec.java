package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.TensorFile;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the adapters of a method stand in {@code adapter_config.json} and {@code adapter_model.safetensors}, Hugging Face
 * PEFT's files. What these have whatever the method, {@code Peft} in {@code lora.peft} reads and writes.
 *
 * @param <C> the method's configuration
 */
public interface PeftCodec<C> {
    /** What every tensor's name begins with: PEFT wraps the model twice. */
    String PREFIX = "base_model.model.";

    /** The fields that every {@code adapter_config.json} has. */
    Set<String> COMMON_FIELDS = Set.of("auto_mapping", "base_model_name_or_path", "inference_mode", "peft_type",
            "peft_version", "revision", "task_type");

    /**
     * An adapter as files have it.
     *
     * @param fields those of {@code adapter_config.json} besides the {@link #COMMON_FIELDS}; {@code task_type} may be
     *     among them
     * @param tensors by their names in the file, which begin with {@link #PREFIX}
     */
    record Contents(Map<String, @Nullable Object> fields, Map<String, Tensor> tensors) {}

    /** The values of {@code peft_type} that this reads and writes. */
    Set<String> peftTypes();

    /**
     * The configuration in {@code adapter_config.json}.
     *
     * @throws dev.lorikeet.transformer.io.InputException naming the field that is missing, wrong, or unknown and may
     *     change the mathematics
     */
    C config(JsonObject json);

    /**
     * Attaches the adapter that is in two files, its parameters frozen. All is checked before {@code root} is touched:
     * that what the configuration asks for is there, with the right type and shape and finite, and nothing else.
     *
     * @throws dev.lorikeet.transformer.io.InputException naming field or tensor, and rule
     * @throws IllegalStateException if a place is taken by an adapter already
     */
    Attached attach(Module root, JsonObject json, TensorFile tensors);

    /**
     * What is written of an adapter.
     *
     * @param attached one of this method
     * @throws dev.lorikeet.transformer.io.InputException if PEFT has no way to say what it is
     */
    Contents contents(Attached attached);
}
