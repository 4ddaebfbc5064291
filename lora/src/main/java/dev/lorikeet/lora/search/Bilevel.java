package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.Derivatives;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.training.DivergedException;
import java.util.ArrayList;
import java.util.List;

/**
 * Minimises L_val(W(A), A) over the outer parameters A, where W(A) are the inner parameters that minimise L_train(W,
 * A): one step of W by one of A, by the one-step approximation of DARTS (Liu et al. 2019) as AutoLoRA uses it (Zhang et
 * al. 2024, algorithm 1).
 */
final class Bilevel {
    /** A loss as the parameters stand: records itself on a tape, with whose key it draws its random numbers. */
    @FunctionalInterface
    interface Loss {
        /** A scalar (1). */
        Variable on(Tape tape);
    }

    /**
     * A loss on one batch.
     *
     * @param key of its random numbers, the same in each of the passes over this batch
     */
    record Task(Loss loss, long key) {}

    /**
     * What a step did.
     *
     * @param trainingLoss before the step
     * @param validationLoss after the look ahead
     * @param passes forward and backward
     * @param plainSeconds of these, those of one step of W
     */
    record Result(float trainingLoss, float validationLoss, int passes, double seconds, double plainSeconds) {}

    /** A loss and its gradients. */
    private record Slope(float loss, List<Tensor> gradients) {}

    private final Compute compute;
    private final Workspace workspace;
    private final Optimizer inner;
    private final List<Parameter> weights = new ArrayList<>();
    /** The rate of each of the weights. */
    private final List<Double> rates = new ArrayList<>();
    private final Optimizer outer;
    private final List<Parameter> selections;
    private final SecondOrder secondOrder;
    private final boolean rollBack;

    /**
     * @param rollBack whether the step of W is taken back once A has moved, and done again with the new A
     */
    Bilevel(Compute compute, Workspace workspace, Rule innerRule, List<ParameterGroup> inner, Rule outerRule,
            ParameterGroup outer, SecondOrder secondOrder, boolean rollBack) {
        this.compute = compute;
        this.workspace = workspace;
        this.inner = new Optimizer(innerRule, inner);
        for (ParameterGroup group : inner) {
            group.parameters().values().forEach(parameter -> {
                weights.add(parameter);
                rates.add(group.rate());
            });
        }
        this.outer = new Optimizer(outerRule, List.of(outer));
        this.selections = List.copyOf(outer.parameters().values());
        this.secondOrder = secondOrder;
        this.rollBack = rollBack;
    }

    /**
     * One step of W on {@code training} and one of A on {@code validation}.
     *
     * @param innerFactor the schedule's on the rates of W
     * @param outerFactor the schedule's on the rate of A
     * @throws DivergedException if a loss is not finite
     */
    Result step(Task training, Task validation, double innerFactor, double outerFactor) {
        long start = System.nanoTime();
        List<Tensor> before = copies();
        OptimizerState state = rollBack ? inner.state() : null;
        float trainingLoss = innerStep(training, innerFactor);
        double plain = (System.nanoTime() - start) * 1e-9;
        Slope upper = hypergradient(training, validation, innerFactor, before);
        for (int i = 0; i < selections.size(); i++) {
            selections.get(i).addGradient(upper.gradients.get(i));
        }
        outer.step(outerFactor);
        if (state != null) {
            set(before);
            inner.restore(state);
            innerStep(training, innerFactor);
        }
        int passes = 2 + (secondOrder == SecondOrder.NONE ? 0 : 2) + (rollBack ? 1 : 0);
        return new Result(trainingLoss, upper.loss, passes, (System.nanoTime() - start) * 1e-9, plain);
    }

    private float innerStep(Task training, double factor) {
        try (Tape tape = Tape.training(compute, workspace, training.key)) {
            Variable loss = training.loss.on(tape);
            float value = finite(loss, "training");
            tape.backward(loss);
            selections.forEach(Parameter::clearGradient);
            inner.step(factor);
            return value;
        }
    }

    /**
     * L_val and its gradient for A, through one step of W, after which W stands.
     *
     * @param before W before that step
     */
    private Slope hypergradient(Task training, Task validation, double factor, List<Tensor> before) {
        List<Parameter> all = new ArrayList<>(selections);
        all.addAll(weights);
        Slope direct = slope(validation, "validation", all);
        List<Tensor> gradients = direct.gradients.subList(0, selections.size());
        List<Tensor> ofWeights = direct.gradients.subList(selections.size(), all.size());
        if (secondOrder != SecondOrder.NONE) {
            List<Tensor> mixed = mixed(training, factor, ofWeights, before);
            for (int i = 0; i < gradients.size(); i++) {
                Elementwise.addScaled(mixed.get(i), -1f, gradients.get(i));
            }
        }
        return new Slope(direct.loss, gradients);
    }

    /** ∇²L_train(A, W)·(ξ·{@code vectors}), at W as it was before or as it stands. */
    private List<Tensor> mixed(Task training, double factor, List<Tensor> vectors, List<Tensor> before) {
        if (secondOrder == SecondOrder.ONE) {
            return product(training, vectors);
        }
        for (int i = 0; i < vectors.size(); i++) {
            Tensor vector = vectors.get(i);
            Elementwise.scale(vector, (float) (rates.get(i) * factor), vector);
        }
        List<Tensor> ahead = copies();
        set(before);
        try {
            return product(training, vectors);
        } finally {
            set(ahead);
        }
    }

    private List<Tensor> product(Task training, List<Tensor> vectors) {
        return Derivatives.hessianVectorProduct(weights, vectors,
                () -> slope(training, "training", selections).gradients);
    }

    private Slope slope(Task task, String name, List<Parameter> parameters) {
        try (Tape tape = Tape.training(compute, workspace, task.key)) {
            Variable loss = task.loss.on(tape);
            float value = finite(loss, name);
            return new Slope(value, Derivatives.gradients(tape, loss, parameters));
        }
    }

    private static float finite(Variable loss, String name) {
        if (!Float.isFinite(loss.item())) {
            throw new DivergedException("bilevel: the " + name + " loss is " + loss.item()
                    + "; a lower learning rate may help");
        }
        return loss.item();
    }

    private List<Tensor> copies() {
        return weights.stream().map(parameter -> parameter.value().copy()).toList();
    }

    private void set(List<Tensor> values) {
        for (int i = 0; i < values.size(); i++) {
            weights.get(i).set(values.get(i));
        }
    }
}
