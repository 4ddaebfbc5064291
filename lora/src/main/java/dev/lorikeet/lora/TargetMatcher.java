package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the layers a configuration targets, by PEFT's rules ({@code check_target_module_exists} of PEFT 0.21.2). */
final class TargetMatcher {
    private static final String TOKENS = "trainableTokens (trainable_token_indices)";

    private final LoraConfig config;
    /** Where a path has the number of its block: the first number after any name, or after one of the given names. */
    private final List<PathExpression> blocks;

    TargetMatcher(LoraConfig config) {
        this.config = config;
        this.blocks = config.layersPattern().isEmpty() ? List.of(PathExpression.ofAnyBlock())
                : config.layersPattern().stream().map(PathExpression::ofBlock).toList();
    }

    /** The targeted layers by path, in the order of {@code modules}. */
    Map<String, Module> targets(Map<String, Module> modules) {
        requireLayersExist(modules);
        modules.forEach((path, module) -> {
            if (isTableOfTwo(module, modules) && config.savesWhole(path)) {
                throw tableOfTwo("modulesToSave (modules_to_save)", path);
            }
        });
        Map<String, Module> targets = new LinkedHashMap<>();
        int excluded = 0;
        for (Map.Entry<String, Module> entry : modules.entrySet()) {
            String path = entry.getKey();
            boolean anything = config.targets() instanceof ModuleSelection.AllLinear;
            if (path.isEmpty() || (anything && !isInsideTheModel(entry.getValue(), modules)) || !isTarget(path)) {
                continue;
            }
            if (isExcluded(path)) {
                excluded++;
            } else if (isTableOfTwo(entry.getValue(), modules)) {
                throw tableOfTwo("targets (target_modules)", path);
            } else if (config.savesWhole(path)) {
                throw new InputException(
                        "modulesToSave (modules_to_save): " + Shown.names(config.modulesToSave()) + " mean " + path
                                + " too, which ends so or is part of what does, and it is a target");
            } else {
                targets.put(path, entry.getValue());
            }
        }
        if (targets.isEmpty()) {
            throw new InputException("targets (target_modules): " + describe() + (excluded == 0
                    ? " matches no layer of the model"
                    : " matches only layers that excludes (exclude_modules) or modulesToSave (modules_to_save) name"));
        }
        return targets;
    }

    /**
     * The rows of embeddings that are trained by themselves, by the embedding's path.
     *
     * @throws InputException if a name matches no embedding, one whose table is a head's too, or one without such rows
     */
    Map<String, List<Integer>> tokens(Map<String, Module> modules) {
        Map<String, List<Integer>> tokens = new LinkedHashMap<>();
        config.trainableTokens().forEach((name, indices) -> {
            int before = tokens.size();
            modules.forEach((path, module) -> {
                boolean named = name.equals(LoraConfig.INPUT_EMBEDDING) ? module == words(modules)
                        : ModuleSelection.Names.isEnd(path, name);
                if (named && module instanceof Embedding embedding) {
                    if (isTableOfTwo(module, modules)) {
                        throw tableOfTwo(TOKENS, path);
                    }
                    requireTrainable(path, embedding, indices, modules);
                    tokens.put(path, indices);
                }
            });
            if (tokens.size() == before) {
                throw new InputException(TOKENS + ": \"" + name + "\" matches no embedding of the model");
            }
        });
        return tokens;
    }

    private static @Nullable Embedding words(Map<String, Module> modules) {
        return switch (modules.get("")) {
            case TaskModel<?, ?, ?> model -> model.backbone().words();
            case Backbone model -> model.words();
            case null, default -> null;
        };
    }

    /** The words of an encoder and of its decoder are three modules with one table in transformers, and one here. */
    private static boolean isTableOfTwo(Module module, Map<String, Module> modules) {
        Backbone backbone = modules.get("") instanceof TaskModel<?, ?, ?> model ? model.backbone()
                : modules.get("") instanceof Backbone own ? own : null;
        return backbone instanceof EncoderDecoder && module == backbone.words();
    }

    private static InputException tableOfTwo(String field, String path) {
        return new InputException(field + ": " + path + " is the table of an encoder and of its decoder, which "
                + "are modules of their own to PEFT: an adapter on one of them is not supported");
    }

    private static void requireTrainable(String path, Embedding embedding, List<Integer> indices,
            Map<String, Module> modules) {
        for (int index : indices) {
            if (index >= embedding.entries()) {
                throw new InputException(TOKENS + ": " + path + " has " + embedding.entries() + " rows, none is "
                        + index);
            }
        }
        for (Module module : modules.values()) {
            if (module instanceof TiedHead head && head.table() == embedding.weight()) {
                throw new InputException(TOKENS + ": the table of " + path
                        + " is that of a head too, whose rows are not trained by themselves");
            }
        }
    }

    /**
     * Refuses names that match nothing at all, which PEFT lets pass: in a configuration somebody just wrote they are
     * slips.
     *
     * @throws InputException naming the first one
     */
    void requireEveryNameMatches(Map<String, Module> modules) {
        if (config.targets() instanceof ModuleSelection.Names names) {
            for (String name : names.names()) {
                if (modules.keySet().stream().noneMatch(path -> ModuleSelection.Names.isEnd(path, name))) {
                    throw new InputException("targets (target_modules): \"" + name
                            + "\" matches no layer of the model");
                }
            }
        }
        for (String name : config.modulesToSave()) {
            boolean head = config.taskType() != null && config.taskType().heads().contains(name);
            if (!head && modules.keySet().stream().noneMatch(path -> SavedModules.around(path, name) != null)) {
                throw new InputException("modulesToSave (modules_to_save): \"" + name
                        + "\" matches no module of the model");
            }
        }
    }

    /** What "all-linear" means: every linear layer but the head of a language model. */
    private static boolean isInsideTheModel(Module module, Map<String, Module> modules) {
        boolean head = modules.get("") instanceof TaskModel<?, ?, ?> model
                && module == model.head().untiedHead();
        return module instanceof Linear && !head;
    }

    private boolean isTarget(String path) {
        boolean whole = config.targets() instanceof ModuleSelection.Names names && names.names().contains(path);
        // A layer named by its whole path is meant whatever its block.
        return whole || (config.targets().matches(path)
                && (config.layersToTransform().isEmpty() || config.layersToTransform().contains(layerNumber(path))));
    }

    private boolean isExcluded(String path) {
        ModuleSelection excludes = config.excludes();
        return (excludes != null && excludes.matches(path))
                || config.modulesToSave().stream().anyMatch(name -> ("." + path + ".").contains("." + name + "."));
    }

    private void requireLayersExist(Map<String, Module> modules) {
        if (config.layersToTransform().isEmpty()) {
            return;
        }
        TreeSet<Integer> present = new TreeSet<>();
        modules.keySet().stream().filter(config.targets()::matches).forEach(path -> present.add(layerNumber(path)));
        present.remove(-1);
        List<Integer> missing = new ArrayList<>(config.layersToTransform());
        missing.removeAll(present);
        if (!missing.isEmpty()) {
            throw new InputException("layersToTransform (layers_to_transform): no target is in block "
                    + missing.getFirst() + ", there are "
                    + Shown.names(present.stream().map(String::valueOf).toList()));
        }
    }

    /** The number of the block that {@code path} is in, or -1. */
    private int layerNumber(String path) {
        return blocks.stream().mapToInt(block -> block.blockOf(path)).filter(number -> number >= 0).findFirst()
                .orElse(-1);
    }

    private String describe() {
        return switch (config.targets()) {
            case ModuleSelection.Names names -> names.names().toString();
            case ModuleSelection.Expression expression -> "\"" + expression.expression() + "\"";
            case ModuleSelection.AllLinear _ -> "all-linear";
        };
    }
}
