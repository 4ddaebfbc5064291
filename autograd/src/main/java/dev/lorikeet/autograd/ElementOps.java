package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Broadcast;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.RmsNorms;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Element by element: activations, arithmetic, masks and dropout; and layer normalisation, which follows a sum. */
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

    /** max(x, 0); its derivative at 0 is 0, as PyTorch's. */
    public static Variable relu(Tape tape, Variable x) {
        Compute compute = tape.compute();
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.relu(compute, x.value(), y);
        return tape.record("relu", y, (t, dy) -> {
            Elementwise.reluBackward(compute, y, dy, dy);
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

    /** f(x) for each element. */
    public static Variable activate(Tape tape, Activation f, Variable x) {
        return switch (f) {
            case NONE -> x;
            case GELU -> gelu(tape, x);
            case GELU_TANH -> geluTanh(tape, x);
            case RELU -> relu(tape, x);
            case SILU -> silu(tape, x);
            case TANH -> tanh(tape, x);
        };
    }

    /** σ(x) = 1/(1 + e^(-x)). */
    public static Variable sigmoid(Tape tape, Variable x) {
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.sigmoid(tape.compute(), x.value(), y);
        return tape.record("sigmoid", y, (t, dy) -> {
            Elementwise.sigmoidBackward(t.compute(), y, dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /**
     * x + y; shapes broadcast as NumPy's.
     *
     * @throws IllegalArgumentException if they do not
     */
    public static Variable add(Tape tape, Variable x, Variable y) {
        Tensor z;
        if (x.value().shape().equals(y.value().shape())) {
            z = tape.allocate(x.value().shape());
            Elementwise.add(tape.compute(), x.value(), y.value(), z);
        } else {
            Broadcast pair = Broadcast.of("add", x.value().shape(), y.value().shape());
            z = tape.allocate(pair.shape());
            pair.add(tape.compute(), x.value(), y.value(), z);
        }
        return tape.record("add", z, (t, dz) -> {
            if (t.needs(x)) {
                t.addGradient(x, summed(t, dz, x));
            }
            if (t.needs(y)) {
                t.giveGradient(y, summed(t, dz, y));
            }
        }, x, y);
    }

    /** {@code dz}, summed over what broadcasting read again of {@code x}. */
    private static Tensor summed(Tape tape, Tensor dz, Variable x) {
        if (x.value().shape().equals(dz.shape())) {
            return dz;
        }
        Tensor dx = tape.allocate(x.value().shape());
        Broadcast.sum(tape.compute(), dz, dx);
        return dx;
    }

    /**
     * x - y; shapes broadcast as NumPy's.
     *
     * @throws IllegalArgumentException if they do not
     */
    public static Variable subtract(Tape tape, Variable x, Variable y) {
        Broadcast pair = Broadcast.of("subtract", x.value().shape(), y.value().shape());
        Tensor z = tape.allocate(pair.shape());
        pair.subtract(tape.compute(), x.value(), y.value(), z);
        return tape.record("subtract", z, (t, dz) -> {
            if (t.needs(x)) {
                t.addGradient(x, summed(t, dz, x));
            }
            if (t.needs(y)) {
                Tensor dy = summed(t, dz, y);
                Elementwise.scale(dy, -1f, dy);
                t.giveGradient(y, dy);
            }
        }, x, y);
    }

    /**
     * x·y, element by element; shapes broadcast as NumPy's.
     *
     * @throws IllegalArgumentException if they do not
     */
    public static Variable multiply(Tape tape, Variable x, Variable y) {
        Tensor z;
        if (x.value().shape().equals(y.value().shape())) {
            z = tape.allocate(x.value().shape());
        } else {
            z = tape.allocate(Broadcast.of("multiply", x.value().shape(), y.value().shape()).shape());
        }
        multiply(tape.compute(), x.value(), y.value(), z);
        return tape.record("multiply", z, (t, dz) -> {
            if (t.needs(x)) {
                Tensor dx = t.allocate(dz.shape());
                multiply(t.compute(), dz, y.value(), dx);
                t.giveGradient(x, summed(t, dx, x));
            }
            if (t.needs(y)) {
                multiply(t.compute(), dz, x.value(), dz);
                t.giveGradient(y, summed(t, dz, y));
            }
        }, x, y);
    }

    private static void multiply(Compute compute, Tensor x, Tensor y, Tensor z) {
        if (x.shape().equals(y.shape())) {
            Elementwise.multiply(compute, x, y, z);
        } else {
            Broadcast.of("multiply", x.shape(), y.shape()).multiply(compute, x, y, z);
        }
    }

    /** factor·x. */
    public static Variable scale(Tape tape, Variable x, float factor) {
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.scale(x.value(), factor, y);
        return tape.record("scale", y, (t, dy) -> {
            Elementwise.scale(dy, factor, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /**
     * x with {@code value} in place of the elements that the mask names; these get no gradient.
     *
     * @param mask an entry for each element of x, row-major
     * @throws IllegalArgumentException if the sizes differ
     */
    public static Variable maskedFill(Tape tape, Variable x, boolean[] mask, float value) {
        if (mask.length != x.value().size()) {
            throw new IllegalArgumentException("maskedFill: a mask of " + mask.length + " elements for x "
                    + x.value().shape());
        }
        Tensor y = tape.allocate(x.value().shape());
        Elementwise.maskedFill(tape.compute(), x.value(), mask, value, y);
        return tape.record("maskedFill", y, (t, dy) -> {
            Elementwise.maskedFill(t.compute(), dy, mask, 0f, dy);
            t.giveGradient(x, dy);
        }, x);
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
     * @param x (…, n)
     * @param residual of x's shape, or null for layerNorm(x)
     * @param gamma (n), as is beta
     * @throws IllegalArgumentException if the shapes are not these
     */
    public static Variable layerNorm(Tape tape, Variable x, @Nullable Variable residual, Variable gamma, Variable beta,
            float eps) {
        Compute compute = tape.compute();
        Shape shape = x.value().shape();
        if (residual != null && !residual.value().shape().equals(shape)) {
            throw new IllegalArgumentException("layerNorm: shapes differ, x " + shape + ", residual "
                    + residual.value().shape());
        }
        if (!isRow(gamma, shape) || !isRow(beta, shape)) {
            throw new IllegalArgumentException("layerNorm: x " + shape + ", gamma " + gamma.value().shape() + ", beta "
                    + beta.value().shape());
        }
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
                Target dgamma = t.gradientOf(gamma);
                if (!dgamma.accumulate()) {
                    dgamma.tensor().fill(0f);
                }
                LayerNorms.gammaGradient(input, statistics, dy, dgamma.tensor());
            }
            if (t.needs(beta)) {
                Target dbeta = t.gradientOf(beta);
                Elementwise.sumRows(dy, dbeta.tensor(), dbeta.accumulate());
            }
            LayerNorms.backward(compute, input, gamma.value(), statistics, dy, dy);
            if (residual != null) {
                t.addGradient(residual, dy);
            }
            t.giveGradient(x, dy);
        }, x, residual, gamma, beta);
    }

    /** Whether {@code x} has one element for each of the last axis of {@code shape}. */
    private static boolean isRow(Variable x, Shape shape) {
        return x.value().shape().rank() == 1 && shape.rank() > 0 && x.value().size() == shape.dim(-1);
    }

    /**
     * x/√(mean(x²) + eps)·γ over the last axis (Zhang and Sennrich 2019).
     *
     * @param x (…, n)
     * @param gamma (n)
     * @throws IllegalArgumentException if the shapes are not these
     */
    public static Variable rmsNorm(Tape tape, Variable x, Variable gamma, float eps) {
        Compute compute = tape.compute();
        Shape shape = x.value().shape();
        if (!isRow(gamma, shape)) {
            throw new IllegalArgumentException("rmsNorm: x " + shape + ", gamma " + gamma.value().shape());
        }
        Tensor y = tape.allocate(shape);
        Tensor inverses = tape.allocate(shape.rows());
        RmsNorms.forward(compute, x.value(), gamma.value(), eps, y, inverses);
        return tape.record("rmsNorm", y, (t, dy) -> {
            if (t.needs(gamma)) {
                Target dgamma = t.gradientOf(gamma);
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
