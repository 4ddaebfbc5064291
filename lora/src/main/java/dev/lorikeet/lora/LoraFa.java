package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * LoRA-FA (Zhang et al. 2023): A stays as it was drawn, and B is trained by the gradient that brings B·A nearest to a
 * step on the whole weight, dB·(A·Aᵀ + 10⁻⁸)⁻¹/s². What else is trained of the adapter goes by its own gradient.
 *
 * <p>As in PEFT's {@code create_lorafa_optimizer}, B's update is not quite {@link Rule.AdamW}: eps is added to √v
 * before the bias correction, and the decay comes after the update.
 */
public final class LoraFa {
    private static final double RIDGE = 1e-8;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-6;

    /**
     * One B with its state.
     *
     * @param conditioner (A·Aᵀ + 10⁻⁸)⁻¹/s² (r, r)
     * @param mean of the gradients
     * @param meanSquare of the gradients
     */
    private record Slot(Parameter b, Tensor conditioner, Tensor mean, Tensor meanSquare) {}

    private final Compute compute;
    private final List<Slot> slots;
    /** Of what is no adapter's. */
    private final Optimizer others;
    private final double rate;
    private final double decay;
    private int steps;

    /**
     * Freezes every A of {@code adapter}.
     *
     * @param rate the peak learning rate
     * @param decay AdamW's, of matrices
     */
    public LoraFa(LoraAdapter adapter, double rate, double decay) {
        if (!adapter.config().initialization().trainsB()) {
            throw new IllegalArgumentException("lora-fa: trains B alone, which "
                    + adapter.config().initialization() + " keeps");
        }
        this.compute = adapter.compute();
        this.rate = rate;
        this.decay = decay;
        Map<String, Parameter> trained = adapter.namedParameters();
        adapter.layers().values().forEach(layer -> {
            layer.a().freeze();
            trained.values().removeAll(List.of(layer.a(), layer.b()));
        });
        slots = adapter.layers().values().stream().map(layer -> new Slot(layer.b(),
                conditioner(layer.a().value(), layer.scaling()), Tensor.zeros(layer.b().value().shape()),
                Tensor.zeros(layer.b().value().shape()))).toList();
        others = new Optimizer(Rule.adamW(), ParameterGroup.split(trained, rate, decay));
    }

    /** One update at {@code factor} times the rate; clears the gradients. */
    public void step(double factor) {
        steps++;
        // Before the correction is eps / √(1 - β₂ᵗ) after it.
        OptimizerSteps.AdamW update = new OptimizerSteps.AdamW(rate * factor, BETA1, BETA2,
                EPS / Math.sqrt(1 - Math.pow(BETA2, steps)), 0, steps);
        for (Slot slot : slots) {
            Tensor gradient = slot.b.gradientOrThrow();
            Matmul.multiply(compute, Form.NN, 1f, gradient.copy(), slot.conditioner, gradient, false);
            Tensor b = slot.b.value();
            OptimizerSteps.adamW(update, b, gradient, slot.mean, slot.meanSquare);
            Elementwise.scale(b, (float) (1 - rate * factor * decay), b);
            slot.b.clearGradient();
        }
        others.step(factor);
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
