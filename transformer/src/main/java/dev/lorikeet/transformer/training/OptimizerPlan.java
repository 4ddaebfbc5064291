package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What updates the parameters of a task model: the rule, and which parameters go at which rate.
 *
 * @param groups of what is trained
 * @param clipNorm the largest norm of all gradients together, or 0 for any
 */
public record OptimizerPlan(Rule rule, Function<TaskModel<?, ?, ?>, List<ParameterGroup>> groups, double clipNorm) {
    /** AdamW, the head at a rate of its own; biases and norms do not decay. */
    public static OptimizerPlan adamW(TrainingSettings settings) {
        return new OptimizerPlan(Rule.adamW(), model -> {
            List<ParameterGroup> groups = new ArrayList<>(split(model.backbone(), settings.adapterRate(), settings));
            groups.addAll(split(model.head(), settings.headRate(), settings));
            return groups;
        }, settings.clipNorm());
    }

    private static List<ParameterGroup> split(Module module, double rate, TrainingSettings settings) {
        return ParameterGroup.split(ParameterGroup.trained("", module), rate, settings.weightDecay());
    }
}
