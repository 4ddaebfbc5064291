package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.SavedModules;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names of tensors in {@code adapter_model.safetensors}, behind the prefix of all. */
final class TensorNames {
    /** Under this name PEFT puts aside a module that has an adapter. */
    static final String BASE = ".base_layer";
    /** Under this name it keeps the copy that is trained of a module, for each adapter; our files have one. */
    private static final String COPY = ".modules_to_save";
    private static final String ADAPTER = ".default";
    /**
     * Where these are targets, PEFT writes the weights of adapted embeddings and heads: its
     * {@code EMBEDDING_LAYER_NAMES}.
     */
    private static final Set<String> EMBEDDINGS = Set.of("embed_tokens", "lm_head");

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

    /** The names under which PEFT finds the tensor that is at {@code path}, the one that it writes first. */
    static Set<String> all(String path, Collection<LoraSite> sites) {
        Set<String> names = new LinkedHashSet<>(List.of(inFile(path, sites), path));
        if (path.endsWith(".lora_magnitude_vector")) {
            names.add(path + ".weight");
            names.add(path + ADAPTER + ".weight");
        } else {
            names.add(path.replaceFirst("(\\.lora_(?:embedding_)?[ABE])(\\.weight|\\.bias)?$", "$1" + ADAPTER + "$2"));
        }
        return names;
    }

    /** The path of the module whose tensor is called {@code name}, without what PEFT puts around it. */
    static String module(String name) {
        String own = name.replaceFirst("\\.(lora_|(base_layer|original_module|modules_to_save|token_adapter)\\.).*",
                ".");
        return own.substring(0, Math.max(0, own.lastIndexOf('.')));
    }

    /** The names of the tables that have a row for each token: their paths in the model, by name. */
    static Map<String, String> vocabulary(Module model) {
        Map<String, String> paths = new LinkedHashMap<>();
        Map<Parameter, String> shared = new IdentityHashMap<>();
        Map<String, Module> modules = model.namedModules();
        modules.forEach((path, module) -> {
            if (module instanceof Embedding words && isEmbeddingOrHead(module, model)) {
                shared.put(words.weight(), path + ".weight");
                paths.put(path + ".weight", path + ".weight");
            } else if (isEmbeddingOrHead(module, model)) {
                paths.put(path + ".weight", path + ".weight");
            }
        });
        modules.forEach((path, module) -> {
            String table = module instanceof TiedHead head ? shared.get(head.table()) : null;
            if (table != null && module instanceof TiedHead head) {
                paths.put(path + "." + head.tableName(), table);
            }
        });
        return paths;
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
    static Map<String, String> ofBase(LoraConfig config, Module model, Collection<LoraSite> sites, Set<String> saved) {
        Map<String, String> names = new LinkedHashMap<>();
        if (config.trainableTokens().isEmpty() && targetsEmbeddings(config.targets(), model)) {
            for (LoraSite site : sites) {
                if (isEmbeddingOrHead(site.module(), model)) {
                    names.put(site.path() + BASE + ".weight", site.path() + ".weight");
                }
            }
        }
        names.putAll(biases(config, model, saved, ".original_module"));
        return names;
    }

    private static boolean targetsEmbeddings(ModuleSelection targets, Module model) {
        return switch (targets) {
            case ModuleSelection.Names names -> names.names().stream().anyMatch(EMBEDDINGS::contains);
            case ModuleSelection.Expression expression -> model.namedModules().keySet().stream().anyMatch(
                    path -> EMBEDDINGS.contains(path.substring(path.lastIndexOf('.') + 1)) && expression.matches(path));
            case ModuleSelection.AllLinear _ -> false;
        };
    }

    private static boolean isEmbeddingOrHead(Module module, Module model) {
        return model instanceof Backbone base && module == base.words()
                || model instanceof TaskModel<?, ?, ?> whole && module == whole.backbone().words()
                || model instanceof TaskModel<?, ?, ?> task
                        && module == task.head().untiedHead();
    }

    /** What PEFT writes more than once: the paths in the model, by the other names. */
    static Map<String, String> again(LoraConfig config, Module model, Set<String> saved) {
        Map<String, String> names = new LinkedHashMap<>(twins(model, saved));
        names.putAll(biases(config, model, saved, COPY));
        return names;
    }

    /** Hugging Face has the bias of a masked language model's head once more beside the table. */
    private static Map<String, String> twins(Module model, Set<String> saved) {
        Map<String, String> names = new LinkedHashMap<>();
        model.namedModules().forEach((path, module) -> {
            if (module instanceof TiedHead head && saved.contains(path + ".bias")) {
                names.put(path + "." + head.tableName().replace("weight", "bias"), path + ".bias");
            }
        });
        return names;
    }

    /** With {@link Bias#ALL}, PEFT takes what it keeps of a module trained whole for modules of the model. */
    private static Map<String, String> biases(LoraConfig config, Module model, Set<String> saved, String kept) {
        Map<String, String> names = new LinkedHashMap<>();
        if (config.bias() == Bias.ALL) {
            Map<String, String> all = new LinkedHashMap<>(twins(model, saved));
            saved.stream().filter(path -> path.endsWith(".bias")).forEach(path -> all.put(path, path));
            all.forEach((name, path) -> {
                String whole = wholeModule(config, name.substring(0, name.lastIndexOf('.')));
                if (whole != null) {
                    String rest = name.substring(whole.length());
                    // PEFT strips the adapter's name where it stands last but one.
                    boolean deep = kept.equals(COPY) && rest.lastIndexOf('.') > 0;
                    names.put(whole + kept + (deep ? ADAPTER : "") + rest, path);
                }
            });
        }
        return names;
    }

    private static @Nullable String wholeModule(LoraConfig config, String path) {
        return config.modulesToSave().stream().map(name -> SavedModules.around(path, name)).filter(Objects::nonNull)
                .findFirst().orElse(null);
    }

    /** {@code name} as it would be if the adapter had the name that our files give it. */
    static String ofDefault(String name) {
        return name.replaceFirst("\\" + COPY + "\\.[^.]+\\.(?=[^.]+\\.)", COPY + ADAPTER + ".");
    }
}
