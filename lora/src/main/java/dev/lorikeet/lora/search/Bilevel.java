package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.Derivatives;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.training.DivergedException;
import dev.lorikeet.transformer.training.Gradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.training.Trainable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Minimises L_val(W(A), A) over the outer parameters A, where W(A) are the inner parameters that minimise L_train(W,
 * A): one step of W by one of A, by the one-step approximation of DARTS (Liu et al. 2019) as AutoLoRA uses it (Zhang et
 * al. 2024, algorithm 1).
 */
final class Bilevel {
    /**
     * What one of the two losses is on.
     *
     * @param parts those of one step; the keys are the same in each of the passes over them
     */
    record Side(Trainable data, List<MicroBatch> parts) {}

    /**
     * What a step did.
     *
     * @param trainingLoss before the step
     * @param gradientNorm of W's gradients together before they were clipped; NaN where they are not
     * @param validationLoss after the look ahead
     * @param passes forward and backward
     * @param plainSeconds of these, those of one step of W
     */
    record Result(double trainingLoss, double gradientNorm, double validationLoss, int passes, double seconds,
            double plainSeconds) {}

    /** A loss and its gradients. */
    private record Slope(double loss, List<Tensor> gradients) {}

    /** What a step of W was: the loss before it, and the norm of its gradients. */
    private record Moved(double loss, double norm) {}

    private static final String WEIGHTS = "weights";
    private static final String SELECTION = "selection";

    private final Compute compute;
    private final Optimizer inner;
    private final Clipping clipping;
    private final double clipNorm;
    private final List<Parameter> weights = new ArrayList<>();
    /** The rate of each of the weights. */
    private final List<Double> rates = new ArrayList<>();
    private final Optimizer outer;
    private final List<Parameter> selections;
    private final SecondOrder secondOrder;
    private final boolean rollBack;

    /**
     * @param clipNorm the largest norm of all gradients of a step of W together, or 0 for any
     * @param rollBack whether the step of W is taken back once A has moved, and done again with the new A
     */
    Bilevel(Compute compute, Rule innerRule, List<ParameterGroup> inner, double clipNorm, Rule outerRule,
            ParameterGroup outer, SecondOrder secondOrder, boolean rollBack) {
        this.compute = compute;
        this.inner = new Optimizer(innerRule, inner);
        this.clipping = new Clipping(inner);
        this.clipNorm = clipNorm;
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
     * @param gradients asked several times
     * @param innerFactor the schedule's on the rates of W
     * @param outerFactor the schedule's on the rate of A
     * @throws DivergedException if a loss is not finite
     */
    Result step(Gradients gradients, Side training, Side validation, double innerFactor, double outerFactor) {
        long start = System.nanoTime();
        List<Tensor> before = copies();
        OptimizerState state = rollBack ? inner.state() : null;
        Moved first = innerStep(gradients, training, innerFactor);
        double plain = (System.nanoTime() - start) * 1e-9;
        Slope upper = hypergradient(gradients, training, validation, innerFactor, before);
        for (int i = 0; i < selections.size(); i++) {
            selections.get(i).addGradient(upper.gradients.get(i));
        }
        outer.step(outerFactor);
        if (state != null) {
            set(before);
            inner.restore(state);
            innerStep(gradients, training, innerFactor);
        }
        int passes = 2 + (secondOrder == SecondOrder.NONE ? 0 : 2) + (rollBack ? 1 : 0);
        return new Result(first.loss, first.norm, upper.loss, passes, (System.nanoTime() - start) * 1e-9, plain);
    }

    private Moved innerStep(Gradients gradients, Side training, double factor) {
        double loss = finite(gradients.of(training.data, training.parts, null), "training");
        selections.forEach(Parameter::clearGradient);
        double norm = clipped();
        inner.step(factor);
        return new Moved(loss, norm);
    }

    private double clipped() {
        try {
            return clipNorm > 0 ? clipping.byNorm(clipNorm) : Double.NaN;
        } catch (ArithmeticException e) {
            throw new DivergedException("bilevel: " + e.getMessage());
        }
    }

    /**
     * L_val and its gradient for A, through one step of W, after which W stands.
     *
     * @param before W before that step
     */
    private Slope hypergradient(Gradients from, Side training, Side validation, double factor, List<Tensor> before) {
        List<Parameter> all = new ArrayList<>(selections);
        all.addAll(weights);
        Slope direct = slope(from, validation, "validation", all);
        List<Tensor> gradients = direct.gradients.subList(0, selections.size());
        List<Tensor> ofWeights = direct.gradients.subList(selections.size(), all.size());
        if (secondOrder != SecondOrder.NONE) {
            List<Tensor> mixed = mixed(from, training, factor, ofWeights, before);
            for (int i = 0; i < gradients.size(); i++) {
                Elementwise.addScaled(mixed.get(i), -1f, gradients.get(i));
            }
        }
        return new Slope(direct.loss, gradients);
    }

    /** ∇²L_train(A, W)·(ξ·{@code vectors}), at W as it was before or as it stands. */
    private List<Tensor> mixed(Gradients from, Side training, double factor, List<Tensor> vectors,
            List<Tensor> before) {
        if (secondOrder == SecondOrder.ONE) {
            return product(from, training, vectors);
        }
        for (int i = 0; i < vectors.size(); i++) {
            Tensor vector = vectors.get(i);
            Elementwise.scale(vector, (float) (rates.get(i) * factor), vector);
        }
        List<Tensor> ahead = copies();
        set(before);
        try {
            return product(from, training, vectors);
        } finally {
            set(ahead);
        }
    }

    private List<Tensor> product(Gradients from, Side training, List<Tensor> vectors) {
        return Derivatives.hessianVectorProduct(compute, weights, vectors,
                () -> slope(from, training, "training", selections).gradients);
    }

    private static Slope slope(Gradients from, Side side, String name, List<Parameter> parameters) {
        double loss = finite(from.of(side.data, side.parts, parameters), name);
        List<Tensor> gradients = new ArrayList<>();
        for (Parameter parameter : parameters) {
            gradients.add(parameter.gradientOrThrow().copy());
            parameter.clearGradient();
        }
        return new Slope(loss, gradients);
    }

    private static double finite(Gradients.Sums sums, String name) {
        if (!Double.isFinite(sums.loss())) {
            throw new DivergedException("bilevel: the " + name + " loss is " + sums.loss() + sums.fault()
                    + "; a lower learning rate may help");
        }
        return sums.loss();
    }

    /** What the next steps depend on beside W and A. */
    Map<String, OptimizerState> state() {
        return Map.of(WEIGHTS, inner.state(), SELECTION, outer.state());
    }

    /** Takes up where one with this state was. */
    void restore(Map<String, OptimizerState> state) {
        inner.restore(Objects.requireNonNull(state.get(WEIGHTS), WEIGHTS));
        outer.restore(Objects.requireNonNull(state.get(SELECTION), SELECTION));
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
