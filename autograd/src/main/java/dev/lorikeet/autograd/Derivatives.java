package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What bilevel optimisation and analyses ask of a function beside {@link Tape#backward}: gradients for chosen
 * variables, values after a step that is only tried, and products with the Hessian.
 */
public final class Derivatives {
    /** Of DARTS (Liu et al. 2019, section 2.3): ε = 0.01/‖v‖. */
    private static final double STEP = 0.01;
    private static final double LEAST_NORM = 1e-15;

    private Derivatives() {}

    /**
     * The gradients of {@code loss} for {@code variables} alone, as tensors of their own: no other is computed, and
     * those that the variables have stay as they are. Zeros where the loss does not depend on a variable.
     *
     * @param tape that of the loss, which can be walked back once
     * @param variables leaves, or outputs of the tape's operations
     * @throws IllegalStateException if the tape does not record or was walked before
     * @throws IllegalArgumentException if {@code loss} is not a scalar, or a variable requires no gradient
     */
    public static List<Tensor> gradients(Tape tape, Variable loss, List<? extends Variable> variables) {
        Set<Variable> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<Variable, Tensor> results = new IdentityHashMap<>();
        Map<Variable, Variable.Aside> asides = new IdentityHashMap<>();
        for (Variable variable : variables) {
            tape.hooks.add("gradients", variable, dx -> results.put(variable, dx.copy()));
            wanted.add(variable);
        }
        wanted.forEach(variable -> asides.put(variable, variable.setGradientAside()));
        try {
            tape.backwardTo(wanted, loss);
        } finally {
            asides.forEach(Variable::restore);
        }
        return variables.stream().map(variable -> results.getOrDefault(variable, Tensor.zeros(variable.shape())))
                .toList();
    }

    /**
     * What {@code body} gives where each variable w is w + factor·direction. Afterwards the variables have the bits
     * that they had, whatever happens.
     *
     * @param variables leaves that require a gradient: of frozen weights, layers hold packed copies
     * @param directions one of its shape for each variable
     * @throws IllegalArgumentException if a variable is frozen or no leaf, or the directions do not fit
     */
    public static <T> T displaced(List<? extends Variable> variables, List<Tensor> directions, float factor,
            Supplier<T> body) {
        requireFit(variables, directions);
        List<Tensor> before = new ArrayList<>();
        for (Variable variable : variables) {
            before.add(variable.value().copy());
        }
        try {
            for (int i = 0; i < variables.size(); i++) {
                Elementwise.addScaled(directions.get(i), factor, variables.get(i).value());
            }
            return body.get();
        } finally {
            for (int i = 0; i < variables.size(); i++) {
                variables.get(i).value().set(before.get(i));
            }
        }
    }

    /**
     * The product of second derivatives with a vector by central differences, as DARTS has it:
     * [g(w + εv) - g(w - εv)]/2ε with ε = 0.01/‖v‖₂. Where g is the gradient for the variables themselves, that is the
     * Hessian times v; where it is the gradient for others, such as the architecture weights of AutoLoRA (Zhang et al.
     * 2024), the mixed derivatives times v.
     *
     * @param compute of ‖v‖₂
     * @param variables w, as {@link #displaced} takes them
     * @param vectors v: one of its shape for each variable
     * @param gradients g at the variables as they stand, the same number of tensors at each call
     * @return as many tensors as g has; zeros for v = 0
     */
    public static List<Tensor> hessianVectorProduct(Compute compute, List<? extends Variable> variables,
            List<Tensor> vectors, Supplier<List<Tensor>> gradients) {
        float step = (float) (STEP / (norm(compute, vectors) + LEAST_NORM));
        List<Tensor> above = displaced(variables, vectors, step, gradients);
        List<Tensor> below = displaced(variables, vectors, -step, gradients);
        List<Tensor> product = new ArrayList<>();
        for (int i = 0; i < above.size(); i++) {
            Tensor difference = above.get(i).copy();
            Elementwise.addScaled(below.get(i), -1f, difference);
            Elementwise.scale(difference, 1 / (2 * step), difference);
            product.add(difference);
        }
        return product;
    }

    /** √Σ x² over all elements of all tensors. */
    private static double norm(Compute compute, List<Tensor> tensors) {
        double sum = 0;
        for (Tensor tensor : tensors) {
            sum += Reductions.dot(compute, tensor, tensor);
        }
        return Math.sqrt(sum);
    }

    private static void requireFit(List<? extends Variable> variables, List<Tensor> directions) {
        if (variables.size() != directions.size()) {
            throw new IllegalArgumentException("displaced: " + variables.size() + " variables, " + directions.size()
                    + " directions");
        }
        for (int i = 0; i < variables.size(); i++) {
            Variable variable = variables.get(i);
            if (!variable.isLeaf() || !variable.requiresGradient()) {
                throw new IllegalArgumentException("displaced: variable " + i + " " + variable.shape()
                        + (variable.isLeaf() ? " is frozen" : " is no leaf"));
            }
            if (!variable.shape().equals(directions.get(i).shape())) {
                throw new IllegalArgumentException("displaced: variable " + i + " " + variable.shape()
                        + ", direction " + directions.get(i).shape());
            }
        }
    }
}
