package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.List;
import java.util.function.Function;

/**
 * LoRA-FA (Zhang et al. 2023): A stays as it was drawn, and B is trained by the gradient that brings B·A nearest to a
 * step on the whole weight, dB·(A·Aᵀ + 10⁻⁸)⁻¹/s². What else is trained of the model goes by its own gradient.
 *
 * <p>The updates are those of PEFT's {@code create_lorafa_optimizer}, which has one rate and one decay for all.
 */
public final class LoraFa {
    private static final double RIDGE = 1e-8;

    private LoraFa() {}

    /** What B's gradients go through before a step. */
    private record Conditioning(Compute compute, List<Layer> layers) implements TrainingDuty {
        /**
         * One layer.
         *
         * @param conditioner (A·Aᵀ + 10⁻⁸)⁻¹/s² (r, r)
         */
        private record Layer(Parameter b, Tensor conditioner) {}

        @Override
        public void beforeStep() {
            for (Layer layer : layers) {
                Tensor gradient = layer.b.gradient();
                if (gradient != null) {
                    Matmul.multiply(compute, Form.NN, 1f, gradient.copy(), layer.conditioner, gradient, false);
                }
            }
        }

        @Override
        public void end(boolean early) {
            layers.forEach(layer -> layer.b.duty(null));
        }
    }

    /**
     * Freezes every A of {@code adapter}; while a {@linkplain dev.lorikeet.transformer.training.Trainer#plan trainer}
     * of its model goes by the plan, B is trained so.
     *
     * @param rate the peak learning rate of all that is trained
     * @param decay the weight decay of all that is trained
     * @param clipNorm the largest norm of all gradients together, or 0 for any
     * @throws IllegalArgumentException if the adapter's own method has B trained otherwise, or not at all
     */
    public static OptimizerPlan plan(LoraAdapter adapter, double rate, double decay, double clipNorm) {
        return plan(adapter, model -> List.of(new ParameterGroup(ParameterGroup.trained("", model), rate, decay)),
                clipNorm);
    }

    /**
     * The same, with the rates and decays that {@link OptimizerPlan#of} has by the settings.
     *
     * @throws IllegalArgumentException as the other
     */
    public static OptimizerPlan plan(LoraAdapter adapter, TrainingSettings settings) {
        return plan(adapter, OptimizerPlan.of(settings).groups(), settings.clipNorm());
    }

    private static OptimizerPlan plan(LoraAdapter adapter, Function<TaskModel<?, ?, ?>, List<ParameterGroup>> groups,
            double clipNorm) {
        if (!adapter.config().initialization().trainsB()) {
            throw new IllegalArgumentException("lora-fa: trains B alone, which "
                    + adapter.config().initialization() + " keeps");
        }
        if (adapter.allocator() != null) {
            throw new IllegalArgumentException("lora-fa: does not go with AdaLoRA, whose A is trained");
        }
        adapter.layers().values().forEach(layer -> layer.a().freeze());
        return new OptimizerPlan(Rule.transformersAdamW(), model -> {
            Conditioning duty = new Conditioning(adapter.compute(), adapter.layers().values().stream()
                    .map(layer -> new Conditioning.Layer(layer.b(), conditioner(layer.a().value(), layer.scaling())))
                    .toList());
            duty.layers.forEach(layer -> layer.b.duty(duty));
            return groups.apply(model);
        }, clipNorm);
    }

    /** Symmetric and positive, so that Gauss and Jordan's elimination needs no pivots. */
    private static Tensor conditioner(Tensor a, double scaling) {
        int r = a.dim(0);
        double[][] left = new double[r][2 * r];
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                for (int k = 0; k < a.dim(1); k++) {
                    left[i][j] += (double) a.get(i, k) * a.get(j, k);
                }
            }
            left[i][i] += RIDGE;
            left[i][r + i] = 1;
        }
        for (int pivot = 0; pivot < r; pivot++) {
            scale(left[pivot], 1 / left[pivot][pivot]);
            for (int row = 0; row < r; row++) {
                if (row != pivot) {
                    subtract(left[row], left[row][pivot], left[pivot]);
                }
            }
        }
        Tensor inverse = Tensor.zeros(r, r);
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                inverse.data()[i * r + j] = (float) (left[i][r + j] / (scaling * scaling));
            }
        }
        return inverse;
    }

    private static void scale(double[] row, double factor) {
        for (int j = 0; j < row.length; j++) {
            row[j] *= factor;
        }
    }

    private static void subtract(double[] row, double factor, double[] other) {
        for (int j = 0; j < row.length; j++) {
            row[j] -= factor * other[j];
        }
    }
}
