package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.model.Architecture;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fields that every {@code adapter_config.json} has, as PEFT 0.21.2 writes them. */
final class CommonFields {
    /** The version whose files these are. */
    private static final String PEFT_VERSION = "0.21.2";
    static final String TASK_TYPE = "task_type";

    private CommonFields() {}

    /** All fields of an adapter on {@code model}, those of its method among them, sorted. */
    static SortedMap<String, @Nullable Object> around(Map<String, @Nullable Object> ofMethod, String peftType,
            Module model, String baseModelId) {
        SortedMap<String, @Nullable Object> fields = new TreeMap<>();
        fields.put(TASK_TYPE, null);
        fields.putAll(ofMethod);
        fields.put("auto_mapping", fields.get(TASK_TYPE) == null ? autoMapping(model) : null);
        Optional<HubName> hub = HubName.of(baseModelId).filter(name -> name.file() == null);
        fields.put("base_model_name_or_path", hub.map(HubName::repository).orElse(baseModelId));
        fields.put("inference_mode", true);
        fields.put("peft_type", peftType);
        fields.put("peft_version", PEFT_VERSION);
        fields.put("revision", hub.map(HubName::revision).filter(revision -> !revision.equals(HubName.MAIN))
                .orElse(null));
        return fields;
    }

    /** What PEFT needs to load the base by itself where no task names a class. */
    private static @Nullable Map<String, String> autoMapping(Module model) {
        return switch (model) {
            case Backbone base -> mapping(base.architecture().className("Model"), base.architecture());
            case TaskModel<?, ?, ?> whole when whole.head().className() != null -> mapping(
                    Objects.requireNonNull(whole.head().className()), whole.model().architecture());
            default -> null;
        };
    }

    private static Map<String, String> mapping(String className, Architecture architecture) {
        String type = architecture.modelType();
        return new TreeMap<>(Map.of("base_model_class", className, "parent_library",
                "transformers.models." + type + ".modeling_" + type));
    }
}
