package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizerStepsTest {
    /** The defaults of PyTorch and of Hugging Face, no decay, and numbers far from these. */
    @ParameterizedTest
    @CsvSource({"1e-3,0.9,0.999,1e-8,0.01", "5e-5,0.9,0.999,1e-8,0", "0.1,0.5,0.75,1e-2,0.5", "1e-3,0,0.99,1e-6,0.1"})
    void adamWIsPyTorchs(double rate, double beta1, double beta2, double eps, double decay) {
        int n = 127;
        int steps = 50;
        Tensor w = ORDINARY.tensor(0, n);
        Tensor m = Tensor.zeros(n);
        Tensor v = Tensor.zeros(n);
        double[] expected = doubles(w);
        double[] first = new double[n];
        double[] second = new double[n];
        for (int t = 1; t <= steps; t++) {
            Tensor g = ORDINARY.tensor(t, n);
            OptimizerSteps.adamW(new OptimizerSteps.AdamW(rate, beta1, beta2, eps, decay, t), w, g, m, v);
            for (int i = 0; i < n; i++) { // torch.optim.AdamW, single tensor
                expected[i] *= 1 - rate * decay;
                first[i] += (1 - beta1) * (g.get(i) - first[i]);
                second[i] = beta2 * second[i] + (1 - beta2) * g.get(i) * g.get(i);
                double denominator = Math.sqrt(second[i]) / Math.sqrt(1 - Math.pow(beta2, t)) + eps;
                expected[i] -= rate / (1 - Math.pow(beta1, t)) * first[i] / denominator;
            }
        }
        // Each step rounds the weight twice, and its update by what the moments have gathered in t steps.
        requireWithin(n, w.toArray(), i -> expected[i], i -> U * (2 * steps * (1 + Math.abs(expected[i])) + rate * steps
                * steps));
        requireWithin(n, m.toArray(), i -> first[i], i -> 8 * U * (1 + Math.abs(first[i])));
        requireWithin(n, v.toArray(), i -> second[i], i -> (4 + steps) * U * second[i]);
    }

    /** {@code torch.optim.SGD}: plain, with momentum, with Nesterov's, with decay. */
    @ParameterizedTest
    @CsvSource({"0.1,0,0,false", "0.1,0.9,0,false", "0.01,0.9,0.1,true", "0.05,0.5,0.01,true"})
    void sgdIsPyTorchs(double rate, double momentum, double decay, boolean nesterov) {
        int n = 127;
        int steps = 30;
        Tensor w = ORDINARY.tensor(0, n);
        Tensor b = Tensor.zeros(n);
        double[] expected = doubles(w);
        double[] buffer = new double[n];
        for (int t = 1; t <= steps; t++) {
            Tensor g = ORDINARY.tensor(t, n);
            OptimizerSteps.sgd(new OptimizerSteps.Sgd(rate, momentum, decay, nesterov), w, g, b);
            for (int i = 0; i < n; i++) {
                double gradient = g.get(i) + decay * expected[i];
                buffer[i] = t == 1 ? gradient : momentum * buffer[i] + gradient;
                expected[i] -= rate * (nesterov ? gradient + momentum * buffer[i] : buffer[i]);
            }
        }
        requireWithin(n, w.toArray(), i -> expected[i], i -> U * steps * (4 + 2 * Math.abs(expected[i])));
        requireWithin(n, b.toArray(), i -> buffer[i], i -> U * steps * (4 + 2 * Math.abs(buffer[i])));
    }

    /** The authors' code, {@code lion_pytorch.py}. */
    @ParameterizedTest
    @CsvSource({"1e-4,0.9,0.99,0", "1e-2,0.9,0.99,1", "0.1,0.95,0.98,0.1"})
    void lionIsItsAuthors(double rate, double beta1, double beta2, double decay) {
        int n = 127;
        int steps = 30;
        Tensor w = ORDINARY.tensor(0, n);
        Tensor m = Tensor.zeros(n);
        double[] expected = doubles(w);
        double[] momentum = new double[n];
        for (int t = 1; t <= steps; t++) {
            Tensor g = ORDINARY.tensor(t, n);
            OptimizerSteps.lion(new OptimizerSteps.Lion(rate, beta1, beta2, decay), w, g, m);
            for (int i = 0; i < n; i++) {
                expected[i] *= 1 - rate * decay;
                expected[i] -= rate * Math.signum(momentum[i] * beta1 + g.get(i) * (1 - beta1));
                momentum[i] = momentum[i] * beta2 + g.get(i) * (1 - beta2);
            }
        }
        requireWithin(n, w.toArray(), i -> expected[i], i -> 3 * U * steps * (1 + Math.abs(expected[i])));
        requireWithin(n, m.toArray(), i -> momentum[i], i -> 8 * U * (1 + Math.abs(momentum[i])));
    }

    @Test
    void aViewIsUpdatedInItsPlace() {
        Tensor all = ORDINARY.tensor(0, 7);
        Tensor g = ORDINARY.tensor(1, 3);
        Tensor alone = Tensor.of(all.rows(2, 5).toArray(), 3);
        float before = all.get(1);
        float after = all.get(5);
        for (Tensor w : new Tensor[] {alone, all.rows(2, 5)}) {
            OptimizerSteps.adamW(new OptimizerSteps.AdamW(0.1, 0.9, 0.999, 1e-8, 0.01, 1), w, g, Tensor.zeros(3),
                    Tensor.zeros(3));
            OptimizerSteps.sgd(new OptimizerSteps.Sgd(0.1, 0.9, 0.01, true), w, g, Tensor.zeros(3));
            OptimizerSteps.lion(new OptimizerSteps.Lion(0.1, 0.9, 0.99, 0.01), w, g, Tensor.zeros(3));
        }
        requireSameBits(all.rows(2, 5).toArray(), alone.toArray());
        assertThat(all.get(1)).isEqualTo(before);
        assertThat(all.get(5)).isEqualTo(after);
    }

    private static double[] doubles(Tensor x) {
        double[] values = new double[x.size()];
        Arrays.setAll(values, x::get);
        return values;
    }
}
