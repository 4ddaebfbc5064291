package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Who looks at the gradients of which variables. */
final class Hooks {
    private final Map<Variable, List<Consumer<Tensor>>> hooks = new IdentityHashMap<>(2);

    /** @throws IllegalArgumentException if {@code operation} asks for one of a variable that requires no gradient */
    void add(String operation, Variable variable, Consumer<Tensor> hook) {
        if (!variable.requiresGradient()) {
            throw new IllegalArgumentException(operation + ": " + variable + " requires no gradient");
        }
        hooks.computeIfAbsent(variable, _ -> new ArrayList<>()).add(hook);
    }

    /** Shows the gradient of {@code variable}, if it has one. */
    void show(Variable variable) {
        Tensor gradient = variable.gradient();
        List<Consumer<Tensor>> all = hooks.get(variable);
        if (gradient != null && all != null) {
            all.forEach(hook -> hook.accept(gradient));
        }
    }

    /** Shows the gradients of leaves, which are whole at the end only. */
    void showLeaves() {
        for (Variable variable : hooks.keySet()) {
            if (variable.isLeaf()) {
                show(variable);
            }
        }
    }
}
