package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.Values.ORDINARY;

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
        double[] expected = new double[n];
        double[] first = new double[n];
        double[] second = new double[n];
        for (int i = 0; i < n; i++) {
            expected[i] = w.get(i);
        }
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
}
