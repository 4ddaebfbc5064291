package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Targets that gradients reach: the pooler of an encoder that gives hidden states is none, whatever matches it, unless
 * it is named as such.
 */
final class ReachedTargets {
    private ReachedTargets() {}

    /**
     * {@code config}, excluding what else it would target in vain.
     *
     * @throws InputException if a name matches nothing, or no layer is targeted
     */
    static LoraConfig of(Module model, LoraConfig config) {
        new TargetMatcher(config).requireEveryNameMatches(model.namedModules());
        return excluding(model, config);
    }

    /** As {@link #of}, of a configuration from a file, where names may match nothing. */
    static LoraConfig excluding(Module model, LoraConfig config) {
        TargetMatcher matcher = new TargetMatcher(config);
        List<String> beside = new ArrayList<>(switch (model) {
            case Backbone base -> base.besideHiddenStates();
            case TaskModel<?, ?, ?> task -> task.unreached();
            default -> List.<String>of();
        });
        beside.removeIf(path -> isNamed(path, config.targets())
                || !matcher.targets(model.namedModules()).containsKey(path));
        LoraConfig reached = config;
        for (String path : beside) {
            reached = reached.toBuilder().excludes(with(path, reached.excludes())).build();
        }
        return reached;
    }

    /** Whether a selection says {@code pooler}, not only {@code dense}. */
    private static boolean isNamed(String path, ModuleSelection targets) {
        int end = path.lastIndexOf('.');
        String parent = path.substring(path.lastIndexOf('.', end - 1) + 1, end);
        return switch (targets) {
            case ModuleSelection.Names names -> names.names().stream()
                    .anyMatch(name -> name.contains(parent) && ModuleSelection.Names.isEnd(path, name));
            case ModuleSelection.Expression expression -> expression.expression().toString().contains(parent);
            case ModuleSelection.AllLinear _ -> false;
        };
    }

    private static ModuleSelection with(String path, @Nullable ModuleSelection excludes) {
        if (excludes instanceof ModuleSelection.Expression expression) {
            return new ModuleSelection.Expression(expression.expression().or(path));
        }
        List<String> names = new ArrayList<>(excludes instanceof ModuleSelection.Names some ? some.names() : List.of());
        names.add(path);
        return new ModuleSelection.Names(names);
    }
}
