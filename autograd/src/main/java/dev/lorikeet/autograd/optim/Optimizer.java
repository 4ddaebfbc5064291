package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Updates parameters by their gradients, all by one {@link Rule}, each group at its own rate.
 *
 * <p>The names in its {@linkplain #state state} are those of PyTorch and transformers: {@code exp_avg} for a mean of
 * gradients, {@code exp_avg_sq} for one of their squares, {@code momentum_buffer} of SGD.
 */
public final class Optimizer {
    /** The parameters of one group with their state. */
    private record SlotGroup(ParameterGroup group, List<Slot> slots) {}

    private final List<SlotGroup> groups = new ArrayList<>();
    private final List<TrainingDuty> duties;
    private int steps;

    /**
     * An optimizer that has not taken a step yet.
     *
     * @throws IllegalArgumentException if a name or a parameter is there twice
     */
    public Optimizer(Rule rule, List<ParameterGroup> groups) {
        Set<String> names = new HashSet<>();
        Set<Parameter> parameters = Collections.newSetFromMap(new IdentityHashMap<>());
        for (ParameterGroup group : groups) {
            group.parameters().forEach((name, parameter) -> {
                if (!names.add(name) || !parameters.add(parameter)) {
                    throw new IllegalArgumentException("optimizer: the parameter " + name
                            + " is there twice, by its name or by another one");
                }
            });
        }
        var shared = new Slot.Coefficients();
        for (ParameterGroup group : groups) {
            this.groups.add(new SlotGroup(group, group.parameters().entrySet().stream()
                    .map(named -> new Slot(rule, named.getKey(), named.getValue(), shared)).toList()));
        }
        duties = duties(groups);
    }

    private static List<TrainingDuty> duties(List<ParameterGroup> groups) {
        Set<TrainingDuty> duties = Collections.newSetFromMap(new IdentityHashMap<>());
        return groups.stream().flatMap(group -> group.parameters().values().stream()).map(Parameter::duty)
                .filter(Objects::nonNull).filter(duties::add).toList();
    }

    /** What belongs to training these parameters beside gradients. {@link #step} does what goes around an update. */
    public List<TrainingDuty> duties() {
        return duties;
    }

    /**
     * One update of every parameter that has a gradient, at {@code factor} times its group's rate, and what the
     * {@linkplain #duties} of the parameters have to do before and after it; clears the gradients.
     */
    public void step(double factor) {
        steps++;
        duties.forEach(TrainingDuty::beforeStep);
        for (SlotGroup group : groups) {
            for (Slot slot : group.slots) {
                slot.update(group.group.rate() * factor, group.group.decay());
            }
        }
        duties.forEach(TrainingDuty::afterStep);
        for (SlotGroup group : groups) {
            for (Slot slot : group.slots) {
                slot.parameter.clearGradient();
            }
        }
    }

    /** How many steps have been taken. */
    public int steps() {
        return steps;
    }

    /** A copy of what the next steps depend on, besides parameters, gradients and settings. */
    public OptimizerState state() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        groups.forEach(group -> group.slots.forEach(slot -> tensors.putAll(slot.state())));
        duties.forEach(duty -> tensors.putAll(duty.state()));
        return new OptimizerState(steps, tensors);
    }

    /**
     * Takes up where an optimizer with the same rule, groups and names was: the next steps have the same bits as its.
     *
     * @throws IllegalArgumentException if a tensor is missing, has another shape or belongs to nothing here, or a
     *     number of steps is none; nothing has changed then
     */
    public void restore(OptimizerState state) {
        Set<String> known = new HashSet<>();
        groups.forEach(group -> group.slots.forEach(slot -> slot.state().forEach((name, tensor) -> {
            known.add(name);
            Tensor saved = state.tensor(name);
            if (!saved.shape().equals(tensor.shape())) {
                throw new IllegalArgumentException("optimizer state: " + name + " must be " + tensor.shape() + ", not "
                        + saved.shape());
            }
        })));
        duties.forEach(duty -> known.addAll(duty.state().keySet()));
        known.forEach(state::tensor);
        state.tensors().keySet().stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("optimizer state: there is nothing that " + name + " belongs to");
        });
        requireCounts(state);
        duties.forEach(duty -> duty.restore(state.tensors()));
        steps = state.steps();
        groups.forEach(group -> group.slots.forEach(slot -> slot.restore(state)));
    }

    private void requireCounts(OptimizerState state) {
        if (state.steps() < 0) {
            throw new IllegalArgumentException("optimizer state: steps must be at least 0, not " + state.steps());
        }
        groups.forEach(group -> group.slots.forEach(slot -> {
            float step = state.tensor(slot.name + ".step").get(0);
            if (!(step >= 0 && step <= state.steps() && step == Math.rint(step))) {
                throw new IllegalArgumentException("optimizer state: " + slot.name
                        + ".step must be a whole number from 0 to " + state.steps() + ", not " + step);
            }
        }));
    }
}
