package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.ModuleSelection;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The names of tensors in {@code adapter_model.safetensors}, behind the prefix of all. */
final class TensorNames {
    /** Under this name PEFT puts aside a module that has an adapter. */
    private static final String BASE = ".base_layer";
    /** Embeddings whose weights PEFT writes with their adapters: its {@code EMBEDDING_LAYER_NAMES}. */
    private static final Set<String> WRITTEN_WITH_BASE = Set.of("embed_tokens", "lm_head");

    private TensorNames() {}

    /** The name of the tensor that is at {@code path} of the model. */
    static String inFile(String path, Collection<LoraSite> sites) {
        for (LoraSite site : sites) {
            if (path.equals(site.path() + ".bias")) {
                return site.path() + BASE + ".bias";
            }
        }
        return path;
    }

    /** The field of the configuration because of which there is a tensor of this name. */
    static String field(String name) {
        if (name.endsWith(".lora_B.bias")) {
            return "lora_bias";
        }
        if (name.endsWith(".lora_magnitude_vector")) {
            return "use_dora";
        }
        return name.endsWith(".trainable_tokens_delta") ? "trainable_token_indices"
                : name.contains(".lora_") ? "target_modules"
                        : name.endsWith(BASE + ".bias") ? "bias"
                                : "modules_to_save or bias";
    }

    /** Weights of the base that PEFT writes beside an adapter: their paths in the model, by name. */
    static Map<String, String> ofBase(LoraConfig config, Collection<LoraSite> sites, Set<String> saved) {
        Map<String, String> names = new LinkedHashMap<>();
        if (config.targets() instanceof ModuleSelection.Names targets
                && targets.names().stream().anyMatch(WRITTEN_WITH_BASE::contains)) {
            for (LoraSite site : sites) {
                if (WRITTEN_WITH_BASE.contains(site.path().substring(site.path().lastIndexOf('.') + 1))) {
                    names.put(site.path() + BASE + ".weight", site.path() + ".weight");
                }
            }
        }
        names.putAll(biases(config, saved, ".original_module"));
        return names;
    }

    /** What PEFT writes twice: the paths in the model, by the second name. */
    static Map<String, String> again(LoraConfig config, Set<String> saved) {
        return biases(config, saved, ".modules_to_save");
    }

    /** With {@link Bias#ALL}, PEFT takes what it keeps of a module trained whole for modules of the model. */
    private static Map<String, String> biases(LoraConfig config, Set<String> saved, String kept) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String path : saved) {
            for (String module : config.modulesToSave()) {
                int at = ("." + path).indexOf("." + module + ".");
                if (config.bias() == Bias.ALL && at >= 0 && path.endsWith(".bias")) {
                    int end = at + module.length();
                    names.put(path.substring(0, end) + kept + path.substring(end), path);
                }
            }
        }
        return names;
    }
}
