package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.model.CausalLanguageModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the layers a configuration targets, by PEFT's rules ({@code check_target_module_exists} of PEFT 0.21.2). */
final class TargetMatcher {
    private final LoraConfig config;
    /** Where a path has the number of its block: the first number after any name, or after one of the given names. */
    private final List<Pattern> layerNumbers;

    TargetMatcher(LoraConfig config) {
        this.config = config;
        this.layerNumbers = config.layersPattern().isEmpty() ? List.of(Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\."))
                : config.layersPattern().stream()
                        .map(name -> Pattern.compile("(?:^|.*?\\.)(?:" + name + ")\\.(\\d+)\\.")).toList();
    }

    /** The targeted layers by path, in the order of {@code modules}. */
    Map<String, Linear> targets(Map<String, Module> modules) {
        requireLayersExist(modules);
        Map<String, Linear> targets = new LinkedHashMap<>();
        int excluded = 0;
        for (Map.Entry<String, Module> entry : modules.entrySet()) {
            String path = entry.getKey();
            boolean anything = config.targets() instanceof ModuleSelection.AllLinear;
            if (path.isEmpty() || (anything && !isInsideTheModel(entry.getValue(), modules)) || !isTarget(path)) {
                continue;
            }
            if (isExcluded(path)) {
                excluded++;
            } else if (entry.getValue() instanceof Linear linear) {
                targets.put(path, linear);
            } else {
                throw new InputException("targets (target_modules): " + path + " is of the class "
                        + entry.getValue().getClass().getSimpleName() + ", only linear layers are supported so far");
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
            if (!head && modules.keySet().stream().noneMatch(path -> ("." + path + ".").contains("." + name + "."))) {
                throw new InputException("modulesToSave (modules_to_save): \"" + name
                        + "\" matches no module of the model");
            }
        }
    }

    /** What "all-linear" means: every linear layer but the head of a language model. */
    private static boolean isInsideTheModel(Module module, Map<String, Module> modules) {
        boolean head = modules.get("") instanceof CausalLanguageModel model && module == model.untiedHead();
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
        return (excludes != null && excludes.matches(path)) || config.savesWhole(path);
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
                    + missing.getFirst() + ", there are " + present);
        }
    }

    /** The number of the block that {@code path} is in, or -1. */
    private int layerNumber(String path) {
        for (Pattern pattern : layerNumbers) {
            Matcher matcher = pattern.matcher(path);
            if (matcher.lookingAt()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        return -1;
    }

    private String describe() {
        return switch (config.targets()) {
            case ModuleSelection.Names names -> names.names().toString();
            case ModuleSelection.Expression expression -> "\"" + expression.pattern() + "\"";
            case ModuleSelection.AllLinear _ -> "all-linear";
        };
    }
}
