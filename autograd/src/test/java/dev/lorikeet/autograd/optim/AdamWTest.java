package dev.lorikeet.autograd.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final int SIZE = 17;
    private static final int STEPS = 30;

    /** PyTorch's {@code torch.optim.AdamW} with its defaults, as its documentation writes the algorithm, in double. */
    private static final class Reference {
        final double[] w = new double[SIZE];
        final double[] m = new double[SIZE];
        final double[] v = new double[SIZE];

        void step(int t, double rate, double decay, float[] gradient) {
            for (int i = 0; i < SIZE; i++) {
                w[i] -= rate * decay * w[i];
                m[i] = 0.9 * m[i] + (1 - 0.9) * gradient[i];
                v[i] = 0.999 * v[i] + (1 - 0.999) * gradient[i] * gradient[i];
                double corrected = m[i] / (1 - Math.pow(0.9, t));
                w[i] -= rate * corrected / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
            }
        }
    }

    /** Two groups, a falling rate, gradients from 1e-6 to 1e3 and once all zero. */
    @Test
    void takesPyTorchsSteps() {
        Parameter decayed = parameter("decayed");
        Parameter plain = parameter("plain");
        Reference decayedReference = reference(decayed);
        Reference plainReference = reference(plain);
        Optimizer optimizer = new Optimizer(Rule.adamW(),
                List.of(new ParameterGroup(Map.of("decayed", decayed), 0.02, 0.1),
                        new ParameterGroup(Map.of("plain", plain), 0.005, 0)));
        for (int t = 1; t <= STEPS; t++) {
            double factor = 1 - t / 40.0;
            decayedReference.step(t, 0.02 * factor, 0.1, gradient(decayed, 2 * t));
            plainReference.step(t, 0.005 * factor, 0, gradient(plain, 2 * t + 1));
            optimizer.step(factor);
            assertThat(decayed.gradient()).isNull();
            assertClose(decayed, decayedReference, t);
            assertClose(plain, plainReference, t);
        }
    }

    @Test
    void leavesParametersWithoutGradientAlone() {
        Parameter still = parameter("still");
        Parameter moved = parameter("moved");
        float[] before = still.value().toArray();
        Optimizer optimizer = new Optimizer(Rule.adamW(),
                List.of(new ParameterGroup(Map.of("still", still, "moved", moved), 0.1, 0.1)));
        gradient(moved, 1);
        optimizer.step(1);
        assertThat(still.value().toArray()).isEqualTo(before);
        assertThat(moved.value().toArray()).isNotEqualTo(parameter("moved").value().toArray());
    }

    private static Parameter parameter(String name) {
        Parameter parameter = new Parameter(Tensor.zeros(SIZE));
        Random.fillNormal(parameter.value(), 1f, Random.key(1, name));
        parameter.unfreeze();
        return parameter;
    }

    private static Reference reference(Parameter parameter) {
        Reference reference = new Reference();
        for (int i = 0; i < SIZE; i++) {
            reference.w[i] = parameter.value().get(i);
        }
        return reference;
    }

    /** Gives the parameter a gradient, that of Σ parameter·gradient. */
    private static float[] gradient(Parameter parameter, int draw) {
        Tensor gradient = Tensor.zeros(SIZE);
        if (draw / 2 != 7) {
            Random.fillNormal(gradient, 1f, Random.key(2, draw));
        }
        for (int i = 0; i < SIZE; i++) {
            gradient.data()[i] *= (float) Math.pow(10, i % 10 - 6);
        }
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(Losses.weightedSum(tape, parameter, gradient));
        }
        return gradient.toArray();
    }

    private static void assertClose(Parameter parameter, Reference reference, int step) {
        for (int i = 0; i < SIZE; i++) {
            assertThat((double) parameter.value().get(i)).as("element %d after step %d", i, step)
                    .isCloseTo(reference.w[i], Offset.offset(1e-6));
        }
    }
}
