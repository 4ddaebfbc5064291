package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What updates the parameters of a task model: the rule, and which parameters go at which rate.
 *
 * @param groups of what is trained
 * @param clipNorm the largest norm of all gradients together, or 0 for any
 */
public record OptimizerPlan(Rule rule, Function<TaskModel<?, ?, ?>, List<ParameterGroup>> groups, double clipNorm) {
    /**
     * What the settings say. The head has a rate of its own, biases and norms do not decay, and with
     * {@link TrainingSettings#LAYER_DECAY} lower layers go more slowly.
     *
     * @throws InputException if a setting is another optimizer's
     */
    public static OptimizerPlan of(TrainingSettings settings) {
        OptimizerType type = settings.optimizer();
        if (settings.momentum() != 0 && type != OptimizerType.SGD) {
            throw new InputException(TrainingSettings.MOMENTUM.name() + ": is that of sgd, the optimizer is "
                    + type.fileName());
        }
        OptimizerPlan plan = new OptimizerPlan(type.rule(settings.momentum()), model -> {
            List<ParameterGroup> groups = new ArrayList<>(split(model.backbone(), settings.adapterRate(), settings));
            groups.addAll(split(model.head(), settings.headRate(), settings));
            return groups;
        }, settings.clipNorm());
        double decay = settings.layerDecay();
        return decay == 1 ? plan : plan.scaled(model -> LayerDecay.of(model.backbone(), decay));
    }

    /** This, with each parameter at its own multiple of its group's rate. */
    public OptimizerPlan scaled(Function<TaskModel<?, ?, ?>, ToDoubleFunction<Parameter>> factors) {
        return new OptimizerPlan(rule, model -> {
            ToDoubleFunction<Parameter> factor = factors.apply(model);
            return groups.apply(model).stream().flatMap(group -> group.scaled(factor).stream()).toList();
        }, clipNorm);
    }

    private static List<ParameterGroup> split(Module module, double rate, TrainingSettings settings) {
        return ParameterGroup.split(ParameterGroup.trained("", module), rate, settings.weightDecay());
    }
}
