package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) with PyTorch's order of operations and defaults: β = (0.9, 0.999),
 * eps 1e-8 outside the root.
 */
public final class AdamW {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private record Slot(Parameter parameter, Tensor first, Tensor second) {
        static Slot of(Parameter parameter) {
            return new Slot(parameter, Tensor.zeros(parameter.value().shape()),
                    Tensor.zeros(parameter.value().shape()));
        }
    }

    private record SlotGroup(ParameterGroup group, List<Slot> slots) {}

    private final List<SlotGroup> groups = new ArrayList<>();
    private int step;

    public AdamW(List<ParameterGroup> groups) {
        for (ParameterGroup group : groups) {
            this.groups.add(new SlotGroup(group, group.parameters().stream().map(Slot::of).toList()));
        }
    }

    /**
     * One update of every parameter that has a gradient, at {@code factor} times its group's rate; clears the
     * gradients.
     */
    public void step(double factor) {
        step++;
        for (SlotGroup group : groups) {
            OptimizerSteps.AdamW coefficients = new OptimizerSteps.AdamW(group.group.rate() * factor, BETA1, BETA2, EPS,
                    group.group.decay(), step);
            for (Slot slot : group.slots) {
                Tensor gradient = slot.parameter.gradient();
                if (gradient != null) {
                    OptimizerSteps.adamW(coefficients, slot.parameter.value(), gradient, slot.first, slot.second);
                    slot.parameter.clearGradient();
                }
            }
        }
    }
}
