package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.RmsNorms;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Activations, sums, dropout and layer normalisation. */
public final class ElementOps {
    private ElementOps() {}

    /** x·Φ(x), GELU in its exact form (Hendrycks and Gimpel 2016). */
    public static Variable gelu(Tape tape, Variable x) {
        Compute compute = tape.compute();
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.gelu(compute, x.value(), y);
        return tape.record("gelu", y, (t, dy) -> {
            Elementwise.geluBackward(compute, x.value(), dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /** x·Φ(x) in the form with tanh (Hendrycks and Gimpel 2016): Hugging Face's {@code gelu_new}. */
    public static Variable geluTanh(Tape tape, Variable x) {
        Compute compute = tape.compute();
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.geluTanh(compute, x.value(), y);
        return tape.record("geluTanh", y, (t, dy) -> {
            Elementwise.geluTanhBackward(compute, x.value(), dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /** x·σ(x), SiLU or swish (Elfwing et al. 2017). */
    public static Variable silu(Tape tape, Variable x) {
        Compute compute = tape.compute();
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.silu(compute, x.value(), y);
        return tape.record("silu", y, (t, dy) -> {
            Elementwise.siluBackward(compute, x.value(), dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    public static Variable tanh(Tape tape, Variable x) {
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.tanh(tape.compute(), x.value(), y);
        return tape.record("tanh", y, (t, dy) -> {
            Elementwise.tanhBackward(y, dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /** x + y, of one shape. */
    public static Variable add(Tape tape, Variable x, Variable y) {
        if (!x.value().shape().equals(y.value().shape())) {
            throw new IllegalArgumentException("add: shapes differ, lhs " + x.value().shape() + ", rhs "
                    + y.value().shape());
        }
        Tensor z = tape.allocate(x.value().shape());
        Elementwise.add(tape.compute(), x.value(), y.value(), z);
        return tape.record("add", z, (t, dz) -> {
            t.addGradient(x, dz);
            t.giveGradient(y, dz);
        }, x, y);
    }

    /** x·y, element by element, of one shape. */
    public static Variable multiply(Tape tape, Variable x, Variable y) {
        if (!x.value().shape().equals(y.value().shape())) {
            throw new IllegalArgumentException("multiply: shapes differ, lhs " + x.value().shape() + ", rhs "
                    + y.value().shape());
        }
        Tensor z = tape.allocate(x.value().shape());
        Elementwise.multiply(tape.compute(), x.value(), y.value(), z);
        return tape.record("multiply", z, (t, dz) -> {
            if (t.needs(x)) {
                Tensor dx = t.allocate(dz.shape());
                Elementwise.multiply(t.compute(), dz, y.value(), dx);
                t.giveGradient(x, dx);
            }
            if (t.needs(y)) {
                Elementwise.multiply(t.compute(), dz, x.value(), dz);
                t.giveGradient(y, dz);
            }
        }, x, y);
    }

    /** Inverted dropout with the mask of {@code key}; the identity for probability 0 and on an inference tape. */
    public static Variable dropout(Tape tape, Variable x, float probability, long key) {
        if (!tape.isTraining() || probability == 0) {
            return x;
        }
        if (!(probability > 0 && probability < 1)) { // NaN too
            throw new IllegalArgumentException("dropout: probability " + probability + " is not in [0, 1)");
        }
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.dropout(tape.compute(), x.value(), probability, key, y);
        return tape.record("dropout", y, (t, dy) -> {
            Elementwise.dropout(t.compute(), dy, probability, key, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /**
     * layerNorm(x + residual)·γ + β over the last axis (Ba et al. 2016).
     *
     * @param residual of x's shape, or null for layerNorm(x)
     */
    public static Variable layerNorm(Tape tape, Variable x, @Nullable Variable residual, Variable gamma, Variable beta,
            float eps) {
        Compute compute = tape.compute();
        Shape shape = x.value().shape();
        Tensor sum = x.value();
        if (residual != null) {
            sum = tape.allocate(shape);
            Elementwise.add(compute, x.value(), residual.value(), sum);
        }
        Tensor input = sum;
        Tensor y = tape.allocate(shape);
        Tensor statistics = tape.allocate(shape.rows(), 2);
        LayerNorms.forward(compute, input, gamma.value(), beta.value(), eps, y, statistics);
        return tape.record("layerNorm", y, (t, dy) -> {
            if (t.needs(gamma)) {
                Tape.Gradient dgamma = t.gradientOf(gamma);
                if (!dgamma.accumulate()) {
                    dgamma.tensor().fill(0f);
                }
                LayerNorms.gammaGradient(input, statistics, dy, dgamma.tensor());
            }
            if (t.needs(beta)) {
                Tape.Gradient dbeta = t.gradientOf(beta);
                Elementwise.sumRows(dy, dbeta.tensor(), dbeta.accumulate());
            }
            LayerNorms.backward(compute, input, gamma.value(), statistics, dy, dy);
            if (residual != null) {
                t.addGradient(residual, dy);
            }
            t.giveGradient(x, dy);
        }, x, residual, gamma, beta);
    }

    /**
     * x/√(mean(x²) + eps)·γ over the last axis (Zhang and Sennrich 2019).
     *
     * @param x (rows, n)
     * @param gamma (n)
     */
    public static Variable rmsNorm(Tape tape, Variable x, Variable gamma, float eps) {
        Compute compute = tape.compute();
        Shape shape = x.value().shape();
        Tensor y = tape.allocate(shape);
        Tensor inverses = tape.allocate(shape.rows());
        RmsNorms.forward(compute, x.value(), gamma.value(), eps, y, inverses);
        return tape.record("rmsNorm", y, (t, dy) -> {
            if (t.needs(gamma)) {
                Tape.Gradient dgamma = t.gradientOf(gamma);
                if (!dgamma.accumulate()) {
                    dgamma.tensor().fill(0f);
                }
                RmsNorms.gammaGradient(x.value(), inverses, dy, dgamma.tensor());
            }
            RmsNorms.backward(compute, x.value(), gamma.value(), inverses, dy, dy);
            t.giveGradient(x, dy);
        }, x, gamma);
    }
}
