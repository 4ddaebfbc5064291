package dev.lorikeet.autograd.optim;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/**
 * Both forms of Adafactor. A parameter (…, rows, columns) is so many matrices one after another. Sums are in double
 * precision and one order; the update takes the gradient's place before it is subtracted.
 */
final class AdafactorSteps {
    private AdafactorSteps() {}

    /**
     * Makes the root of the second moment's estimate, below which the gradient goes, of those of its row and column.
     */
    private interface Estimate {
        /** @param rowMean of all rows of the matrix */
        double root(double row, double rowMean, double column);
    }

    /**
     * {@code transformers.Adafactor}: V ← (1-tᶜ)V + tᶜ(g² + eps₁), as means over rows R and columns C;
     * u = g/√(R·C/mean(R)), clipped; w ← w·(1 - decay·rate) - rate·u, or the mean of rate·u.
     */
    static void transformers(Rule.Adafactor rule, double rate, double decay, int step, Tensor w, Tensor g,
            Tensor[] state) {
        double scaled = rate;
        if (rule.relativeStep()) {
            scaled *= Math.min(rule.warmupInit() ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step));
        }
        if (rule.scaleParameter()) {
            scaled *= Math.max(rule.eps2(), rms(w));
        }
        double fresh = StrictMath.pow(step, rule.decayRate());
        boolean factored = g.shape().rank() >= 2;
        if (factored) {
            average(g, rule.eps1(), fresh, state[0], state[1]);
            divide(g, state[0], state[1], (row, rowMean, column) -> Math.sqrt(row / rowMean) * Math.sqrt(column));
        } else {
            average(g, rule.eps1(), fresh, state[0]);
            divide(g, state[0], 0);
        }
        double size = scaled / Math.max(1, rms(g) / rule.clipThreshold());
        if (rule.beta1() != 0) {
            Tensor mean = state[state.length - 1];
            float[] m = mean.data();
            for (int i = 0; i < m.length; i++) {
                m[i] = (float) (rule.beta1() * m[i] + (1 - rule.beta1()) * size * g.data()[g.offset() + i]);
            }
            subtract(w, 1 - decay * scaled, 1, mean);
        } else {
            subtract(w, 1 - decay * scaled, size, g);
        }
    }

    /**
     * {@code torch.optim.Adafactor}: V ← V + tᶜ(g² - V), as means over rows R and columns C;
     * u = g/max(√(R·C/max(mean(R), eps₁)), eps₁), clipped; w ← w·(1 - rate·decay) - ρ·u, where ρ is min(rate, 1/√t)
     * times the root mean square of w, at least eps₂.
     */
    static void torch(Rule.TorchAdafactor rule, double rate, double decay, int step, Tensor w, Tensor g,
            Tensor[] state) {
        double eps = rule.eps1();
        double scaled = Math.max(rule.eps2(), rms(w)) * Math.min(rate, 1 / Math.sqrt(step));
        double fresh = StrictMath.pow(step, rule.decayRate());
        if (g.shape().rank() >= 2) {
            average(g, 0, fresh, state[0], state[1]);
            divide(g, state[0], state[1],
                    (row, rowMean, column) -> Math.max(Math.sqrt(row * column / Math.max(rowMean, eps)), eps));
        } else {
            average(g, 0, fresh, state[0]);
            divide(g, state[0], eps);
        }
        subtract(w, 1 - rate * decay, scaled / Math.max(1, rms(g) / rule.clipThreshold()), g);
    }

    /** v ← (1-fresh)·v + fresh·(g² + eps), of a vector. */
    private static void average(Tensor g, double eps, double fresh, Tensor v) {
        float[] vd = v.data();
        for (int i = 0; i < g.size(); i++) {
            double gradient = g.data()[g.offset() + i];
            vd[i] = mix(vd[i], gradient * gradient + eps, fresh);
        }
    }

    /** The same for the means over rows, and over columns, of g² + eps. */
    private static void average(Tensor g, double eps, double fresh, Tensor rows, Tensor columns) {
        int n = dim(g.shape(), 2);
        int m = dim(g.shape(), 1);
        double[] sums = new double[m];
        for (int matrix = 0; matrix * n < rows.size(); matrix++) {
            Arrays.fill(sums, 0);
            for (int i = matrix * n; i < (matrix + 1) * n; i++) {
                double sum = 0;
                for (int j = 0; j < m; j++) {
                    double gradient = g.data()[g.offset() + i * m + j];
                    sum += gradient * gradient;
                    sums[j] += gradient * gradient;
                }
                rows.data()[i] = mix(rows.data()[i], sum / m + eps, fresh);
            }
            for (int j = 0; j < m; j++) {
                int at = matrix * m + j;
                columns.data()[at] = mix(columns.data()[at], sums[j] / n + eps, fresh);
            }
        }
    }

    private static float mix(float old, double now, double fresh) {
        return (float) ((1 - fresh) * old + fresh * now);
    }

    /** g ← g/max(√v, least). */
    private static void divide(Tensor g, Tensor v, double least) {
        for (int i = 0; i < g.size(); i++) {
            g.data()[g.offset() + i] /= (float) Math.max(Math.sqrt(v.data()[i]), least);
        }
    }

    /** g ← g/root of the estimate. */
    private static void divide(Tensor g, Tensor rows, Tensor columns, Estimate estimate) {
        int n = dim(g.shape(), 2);
        int m = dim(g.shape(), 1);
        for (int matrix = 0; matrix * n < rows.size(); matrix++) {
            double sum = 0;
            for (int i = matrix * n; i < (matrix + 1) * n; i++) {
                sum += rows.data()[i];
            }
            for (int i = matrix * n; i < (matrix + 1) * n; i++) {
                for (int j = 0; j < m; j++) {
                    int at = g.offset() + i * m + j;
                    g.data()[at] = (float) (g.data()[at]
                            / estimate.root(rows.data()[i], sum / n, columns.data()[matrix * m + j]));
                }
            }
        }
    }

    /** w ← w·keep - size·u. */
    private static void subtract(Tensor w, double keep, double size, Tensor u) {
        for (int i = 0; i < w.size(); i++) {
            int at = w.offset() + i;
            w.data()[at] = (float) (w.data()[at] * keep - size * u.data()[u.offset() + i]);
        }
    }

    /** The root of the mean of squares. */
    private static double rms(Tensor x) {
        double sum = 0;
        for (int i = x.offset(); i < x.offset() + x.size(); i++) {
            sum += (double) x.data()[i] * x.data()[i];
        }
        return Math.sqrt(sum / x.size());
    }

    /** The axis {@code fromTheEnd}, 1 for the last. */
    private static int dim(Shape shape, int fromTheEnd) {
        return shape.dim(shape.rank() - fromTheEnd);
    }
}
