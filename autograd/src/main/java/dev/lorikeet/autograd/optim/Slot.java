package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One parameter with its state under a rule. */
final class Slot {
    final String name;
    final Parameter parameter;
    private final Rule rule;
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    /** The state again, so that a step looks nothing up by name. */
    private final Tensor[] tensors;
    private final Coefficients shared;
    /** The parameter's own, as PyTorch counts: a step without a gradient is none. */
    private int step;

    /** AdamW's coefficients, which are the same for all parameters of a group: one object a step, not one each. */
    static final class Coefficients {
        private OptimizerSteps.@Nullable AdamW last;

        private OptimizerSteps.AdamW of(Rule.AdamW rule, double rate, double decay, int step) {
            OptimizerSteps.AdamW made = last;
            if (made == null || made.rate() != rate || made.decay() != decay || made.step() != step) {
                made = new OptimizerSteps.AdamW(rate, rule.beta1(), rule.beta2(), rule.eps(), decay, step);
                last = made;
            }
            return made;
        }
    }

    /** @param shared among the parameters of one optimizer */
    Slot(Rule rule, String name, Parameter parameter, Coefficients shared) {
        this.rule = rule;
        this.shared = shared;
        this.name = name;
        this.parameter = parameter;
        stateShapes(rule, parameter.shape()).forEach((key, shape) -> state.put(key, Tensor.zeros(shape)));
        tensors = state.values().toArray(new Tensor[0]);
    }

    private static Map<String, Shape> stateShapes(Rule rule, Shape shape) {
        Map<String, Shape> shapes = new LinkedHashMap<>(); // in the order in which update has them
        switch (rule) {
            case Rule.AdamW adamW -> {
                shapes.put("exp_avg", shape);
                shapes.put("exp_avg_sq", shape);
                if (adamW.amsgrad()) {
                    shapes.put("max_exp_avg_sq", shape);
                }
            }
            case Rule.TransformersAdamW _ -> {
                shapes.put("exp_avg", shape);
                shapes.put("exp_avg_sq", shape);
            }
            case Rule.Adam _ -> {
                shapes.put("exp_avg", shape);
                shapes.put("exp_avg_sq", shape);
            }
            case Rule.Sgd sgd -> {
                if (sgd.momentum() != 0) {
                    shapes.put("momentum_buffer", shape);
                }
            }
            case Rule.Lion _ -> shapes.put("exp_avg", shape);
            case Rule.Adafactor adafactor -> {
                secondMoment(shapes, "exp_avg_sq_row", "exp_avg_sq_col", "exp_avg_sq", shape);
                if (adafactor.beta1() != 0) {
                    shapes.put("exp_avg", shape);
                }
            }
            case Rule.TorchAdafactor _ -> secondMoment(shapes, "row_var", "col_var", "variance", shape);
        }
        return shapes;
    }

    /** (…, rows, columns) has means (…, rows) and (…, columns); a vector its whole second moment. */
    private static void secondMoment(Map<String, Shape> shapes, String row, String column, String whole, Shape shape) {
        int rank = shape.rank();
        if (rank < 2) {
            shapes.put(whole, shape);
            return;
        }
        int[] dims = shape.dims();
        shapes.put(row, Shape.of(Arrays.copyOf(dims, rank - 1)));
        int[] columns = Arrays.copyOf(dims, rank - 1);
        columns[rank - 2] = dims[rank - 1];
        shapes.put(column, Shape.of(columns));
    }

    /** One update, where there is a gradient; may write into that unless a duty reads it afterwards. */
    void update(double rate, double decay) {
        Tensor gradient = parameter.gradient();
        if (gradient == null) {
            return;
        }
        step++;
        boolean onlyRead = switch (rule) {
            case Rule.AdamW _,Rule.TransformersAdamW _,Rule.Lion _ -> true;
            default -> false;
        };
        Tensor g = onlyRead || parameter.duty() == null ? gradient : gradient.copy();
        Tensor w = parameter.value();
        switch (rule) {
            case Rule.AdamW r -> {
                OptimizerSteps.AdamW coefficients = shared.of(r, rate, decay, step);
                if (r.amsgrad()) {
                    Amsgrad.step(coefficients, w, g, tensors[0], tensors[1], tensors[2]);
                } else {
                    OptimizerSteps.adamW(coefficients, w, g, tensors[0], tensors[1]);
                }
            }
            case Rule.TransformersAdamW r -> {
                // before the correction is eps / √(1 - β₂ᵗ) after it
                double eps = r.eps() / Math.sqrt(1 - StrictMath.pow(r.beta2(), step));
                OptimizerSteps.adamW(new OptimizerSteps.AdamW(rate, r.beta1(), r.beta2(), eps, 0, step), w, g,
                        tensors[0], tensors[1]);
                Elementwise.scale(w, (float) (1 - rate * decay), w);
            }
            case Rule.Adam r -> {
                Elementwise.addScaled(w, (float) decay, g);
                OptimizerSteps.adamW(new OptimizerSteps.AdamW(rate, r.beta1(), r.beta2(), r.eps(), 0, step), w, g,
                        tensors[0], tensors[1]);
            }
            case Rule.Sgd r -> OptimizerSteps.sgd(new OptimizerSteps.Sgd(rate, r.momentum(), decay, r.nesterov()), w, g,
                    tensors.length == 0 ? g : tensors[0]); // without momentum the buffer is written only
            case Rule.Lion r -> OptimizerSteps.lion(new OptimizerSteps.Lion(rate, r.beta1(), r.beta2(), decay), w, g,
                    tensors[0]);
            case Rule.Adafactor r -> AdafactorSteps.transformers(r, rate, decay, step, w, g, tensors);
            case Rule.TorchAdafactor r -> AdafactorSteps.torch(r, rate, decay, step, w, g, tensors);
        }
    }

    /** A copy of the state by its full names. */
    Map<String, Tensor> state() {
        Map<String, Tensor> copy = new LinkedHashMap<>();
        copy.put(name + ".step", Tensor.of(new float[] {step}, 1));
        state.forEach((key, tensor) -> copy.put(name + "." + key, tensor.copy()));
        return copy;
    }

    /** @param saved with the names and shapes of {@link #state} */
    void restore(OptimizerState saved) {
        step = (int) saved.tensor(name + ".step").get(0);
        state.forEach((key, tensor) -> tensor.set(saved.tensor(name + "." + key)));
    }
}
