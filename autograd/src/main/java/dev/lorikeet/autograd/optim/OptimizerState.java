package dev.lorikeet.autograd.optim;

import dev.lorikeet.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an {@link Optimizer} remembers between steps, apart from its settings.
 *
 * @param steps how many it has taken
 * @param tensors by the parameter's name, a dot, and the state's name as in PyTorch, for example
 *     {@code head.weight.exp_avg}; {@code step}, (1), counts the parameter's own updates
 */
public record OptimizerState(int steps, Map<String, Tensor> tensors) {
    public OptimizerState {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("optimizer state: " + name + " is missing");
        }
        return tensor;
    }
}
