package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Epilogue;
import dev.lorikeet.tensor.Epilogue.Activation;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.PackedMatrix;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers: y = x·Wᵀ + b with W (out, in), frozen or trained, with or without a low-rank term beside it; or
 * y = x·W + b with W stored as (in, out).
 */
public final class LinearOps {
    private LinearOps() {}

    /**
     * A frozen weight, packed for both directions: as packed it does not matter how it was stored.
     *
     * @param forward Wᵀ (in, out), for y = x·Wᵀ
     * @param backward W (out, in), for dx = dy·W
     */
    public record FrozenWeight(PackedMatrix forward, PackedMatrix backward) {
        /** Packs {@code weight} (out, in) as it is. */
        public static FrozenWeight of(Compute compute, Tensor weight) {
            return of(compute, weight, WeightFormat.F32);
        }

        /** Packs {@code weight} (out, in), rounded to {@code format}. */
        public static FrozenWeight of(Compute compute, Tensor weight, WeightFormat format) {
            return new FrozenWeight(PackedMatrix.ofTransposed(compute.kernels(), weight, format),
                    PackedMatrix.of(compute.kernels(), weight, format));
        }

        /** Packs a weight that is stored as (in, out), rounded to {@code format}. */
        public static FrozenWeight ofTransposed(Compute compute, Tensor weight, WeightFormat format) {
            // The scales of INT8 belong to the outputs, which are the rows of what is packed.
            return format == WeightFormat.INT8 ? of(compute, turned(compute, weight), format)
                    : new FrozenWeight(PackedMatrix.of(compute.kernels(), weight, format),
                            PackedMatrix.ofTransposed(compute.kernels(), weight, format));
        }

        private static Tensor turned(Compute compute, Tensor matrix) {
            Tensor result = Tensor.zeros(matrix.dim(1), matrix.dim(0));
            Matmul.transpose(compute, matrix, result);
            return result;
        }
    }

    /**
     * The low-rank term s·(x·Aᵀ)·Bᵀ of LoRA (Hu et al. 2021, equation 3).
     *
     * @param x the input of the term: the layer's input, or that after dropout
     * @param a (r, in)
     * @param b (out, r)
     * @param scaling s
     */
    public record LowRank(Variable x, Variable a, Variable b, float scaling) {}

    /**
     * y = x·Wᵀ + bias for a frozen W, plus the low-rank term if there is one, in one pass over y.
     *
     * @param x (rows, in)
     * @param bias (out), or null
     * @return (rows, out)
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable linear(Tape tape, Variable x, FrozenWeight weight, @Nullable Variable bias,
            @Nullable LowRank lowRank) {
        return linear(tape, x, weight, bias, lowRank, null);
    }

    /**
     * As {@link #linear(Tape, Variable, FrozenWeight, Variable, LowRank)}, and an activation of it, if there is one, in
     * the same pass.
     */
    public static Variable linear(Tape tape, Variable x, FrozenWeight weight, @Nullable Variable bias,
            @Nullable LowRank lowRank, @Nullable Activation activation) {
        Compute compute = tape.compute();
        int out = weight.forward().columns();
        requireLayer(x, out, weight.forward().rows(), bias);
        if (lowRank != null) {
            requireLowRank(x, out, lowRank);
        }
        Tensor z = tape.allocate(x.value().shape().rows(), out);
        Tensor y = activation == null ? z : tape.allocate(z.shape());
        Epilogue epilogue = Epilogue.none().withBias(bias == null ? null : bias.value());
        if (activation != null) {
            epilogue = epilogue.withActivated(activation, y);
        }
        if (lowRank == null) {
            Matmul.packed(compute, x.value(), weight.forward(), epilogue, z, false);
            return tape.record("linear", y, (t, dy) -> {
                backThrough(activation, compute, z, dy);
                inputGradient(t, x, weight, Epilogue.none(), dy);
                biasGradient(t, bias, dy);
            }, x, bias);
        }
        Tensor h = reduced(tape, lowRank);
        Matmul.packed(compute, x.value(), weight.forward(),
                epilogue.withLowRank(h, transposed(tape, lowRank.b().value())), z, false);
        return tape.record("linear", y, (t, dy) -> {
            backThrough(activation, compute, z, dy);
            Tensor dh = lowRankGradients(t, lowRank, h, dy);
            inputGradient(t, x, weight, lowRank.x() == x ? Epilogue.none().withLowRank(dh, lowRank.a().value())
                    : Epilogue.none(), dy);
            if (lowRank.x() != x && t.needs(lowRank.x())) {
                Tape.Gradient dx = t.gradientOf(lowRank.x());
                Matmul.multiply(compute, Form.NN, 1f, dh, lowRank.a().value(), dx.tensor(), dx.accumulate());
            }
            biasGradient(t, bias, dy);
        }, x, bias, lowRank.x(), lowRank.a(), lowRank.b());
    }

    /** dy becomes the gradient of z, the activation's input, or stays as it is where there is none. */
    private static void backThrough(@Nullable Activation activation, Compute compute, Tensor z, Tensor dy) {
        if (activation != null) {
            switch (activation) {
                case GELU -> Elementwise.geluBackward(compute, z, dy, dy);
                case GELU_TANH -> Elementwise.geluTanhBackward(compute, z, dy, dy);
                case SILU -> Elementwise.siluBackward(compute, z, dy, dy);
            }
        }
    }

    /**
     * y = x·Wᵀ + bias for a W that is trained.
     *
     * @param x (rows, in)
     * @param weight (out, in)
     * @param bias (out), or null
     * @return (rows, out)
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable linear(Tape tape, Variable x, Variable weight, @Nullable Variable bias) {
        return trained(tape, "linear", x, weight, bias, false);
    }

    /**
     * y = x·W + bias for a W that is trained and stored the other way round, as GPT-2's.
     *
     * @param x (rows, in)
     * @param weight (in, out)
     * @param bias (out), or null
     * @return (rows, out)
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable linearTransposed(Tape tape, Variable x, Variable weight, @Nullable Variable bias) {
        return trained(tape, "linearTransposed", x, weight, bias, true);
    }

    /** @param turned whether the weight is (in, out) */
    private static Variable trained(Tape tape, String name, Variable x, Variable weight, @Nullable Variable bias,
            boolean turned) {
        Compute compute = tape.compute();
        Tensor w = weight.value();
        requireMatrix(w);
        int out = w.dim(turned ? 1 : 0);
        requireLayer(x, out, w.dim(turned ? 0 : 1), bias);
        Tensor y = tape.allocate(x.value().shape().rows(), out);
        Matmul.multiply(compute, turned ? Form.NN : Form.NT, 1f, x.value(), w, y, false);
        if (bias != null) {
            Elementwise.addRow(compute, y, bias.value(), y);
        }
        return tape.record(name, y, (t, dy) -> {
            if (t.needs(x)) {
                Tape.Gradient dx = t.gradientOf(x);
                Matmul.multiply(compute, turned ? Form.NT : Form.NN, 1f, dy, w, dx.tensor(), dx.accumulate());
            }
            if (t.needs(weight)) {
                Tape.Gradient dw = t.gradientOf(weight);
                Matmul.multiply(compute, Form.TN, 1f, turned ? x.value() : dy, turned ? dy : x.value(), dw.tensor(),
                        dw.accumulate());
            }
            biasGradient(t, bias, dy);
        }, x, weight, bias);
    }

    /**
     * The product of two matrices, either of which may be stored transposed.
     *
     * @param a (m, k), or (k, m) for {@link Form#TN}
     * @param b (k, n), or (n, k) for {@link Form#NT}
     * @return (m, n)
     * @throws IllegalArgumentException if one is no matrix, or the inner dimensions differ
     */
    public static Variable matmul(Tape tape, Form form, Variable a, Variable b) {
        Tensor lhs = a.value();
        Tensor rhs = b.value();
        if (lhs.shape().rank() != 2 || rhs.shape().rank() != 2) {
            throw new IllegalArgumentException("matmul: two matrices expected, lhs " + lhs.shape() + ", rhs "
                    + rhs.shape());
        }
        boolean turnedA = form == Form.TN;
        boolean turnedB = form == Form.NT;
        if (lhs.dim(turnedA ? 0 : 1) != rhs.dim(turnedB ? 1 : 0)) {
            throw new IllegalArgumentException("matmul: inner dimensions differ, lhs " + lhs.shape() + ", rhs "
                    + rhs.shape() + " as " + form);
        }
        Tensor c = tape.allocate(lhs.dim(turnedA ? 1 : 0), rhs.dim(turnedB ? 0 : 1));
        Matmul.multiply(tape.compute(), form, 1f, lhs, rhs, c, false);
        return tape.record("matmul", c, (t, dc) -> {
            if (t.needs(a)) { // dA = dC·Bᵀ, or its transpose
                Tape.Gradient da = t.gradientOf(a);
                Matmul.multiply(t.compute(), turnedB ? Form.NN : Form.NT, 1f, turnedA ? rhs : dc, turnedA ? dc : rhs,
                        da.tensor(), da.accumulate());
            }
            if (t.needs(b)) { // dB = Aᵀ·dC, or its transpose
                Tape.Gradient db = t.gradientOf(b);
                Matmul.multiply(t.compute(), turnedA ? Form.NN : Form.TN, 1f, turnedB ? dc : lhs, turnedB ? lhs : dc,
                        db.tensor(), db.accumulate());
            }
        }, a, b);
    }

    private static void requireMatrix(Tensor weight) {
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException("linear: a matrix expected, weight " + weight.shape());
        }
    }

    private static void requireLayer(Variable x, int out, int in, @Nullable Variable bias) {
        if (x.value().shape().rank() == 0 || x.value().dim(-1) != in) {
            throw new IllegalArgumentException("linear: x " + x.value().shape() + ", weight " + Shape.of(out, in));
        }
        if (bias != null && bias.value().size() != out) {
            throw new IllegalArgumentException("linear: weight " + Shape.of(out, in) + ", bias "
                    + bias.value().shape());
        }
    }

    private static void requireLowRank(Variable x, int out, LowRank lowRank) {
        Shape input = x.value().shape();
        Shape a = lowRank.a().value().shape();
        Shape b = lowRank.b().value().shape();
        if (a.rank() != 2 || b.rank() != 2 || a.dim(1) != input.dim(-1) || b.dim(0) != out || a.dim(0) != b.dim(1)
                || !lowRank.x().value().shape().equals(input)) {
            throw new IllegalArgumentException("linear: x " + input + ", weight " + Shape.of(out, input.dim(-1))
                    + "; low rank: x " + lowRank.x().value().shape() + ", A " + a + ", B " + b);
        }
    }

    /** h = s·x·Aᵀ (rows, r). */
    private static Tensor reduced(Tape tape, LowRank lowRank) {
        Tensor x = lowRank.x().value();
        Tensor h = tape.allocate(x.shape().rows(), lowRank.a().value().dim(0));
        Matmul.multiply(tape.compute(), Form.NT, lowRank.scaling(), x, lowRank.a().value(), h, false);
        return h;
    }

    /** dB = dyᵀ·h, dA = dhᵀ·x; gives dh = s·dy·B (rows, r). */
    private static Tensor lowRankGradients(Tape tape, LowRank lowRank, Tensor h, Tensor dy) {
        Compute compute = tape.compute();
        Tensor dh = tape.allocate(h.shape());
        Matmul.multiply(compute, Form.NN, lowRank.scaling(), dy, lowRank.b().value(), dh, false);
        if (tape.needs(lowRank.b())) { // as (hᵀ·dy)ᵀ, so that the long axis runs along the vectors
            Tensor gradient = tape.allocate(h.dim(1), dy.dim(1));
            Matmul.multiply(compute, Form.TN, 1f, h, dy, gradient, false);
            tape.addGradient(lowRank.b(), transposed(tape, gradient));
        }
        if (tape.needs(lowRank.a())) {
            Tape.Gradient da = tape.gradientOf(lowRank.a());
            Matmul.multiply(compute, Form.TN, 1f, dh, lowRank.x().value(), da.tensor(), da.accumulate());
        }
        return dh;
    }

    private static void inputGradient(Tape tape, Variable x, FrozenWeight weight, Epilogue epilogue, Tensor dy) {
        if (tape.needs(x)) {
            Tape.Gradient dx = tape.gradientOf(x);
            Matmul.packed(tape.compute(), dy, weight.backward(), epilogue, dx.tensor(), dx.accumulate());
        }
    }

    private static void biasGradient(Tape tape, @Nullable Variable bias, Tensor dy) {
        if (bias != null && tape.needs(bias)) {
            Tape.Gradient db = tape.gradientOf(bias);
            Elementwise.sumRows(dy, db.tensor(), db.accumulate());
        }
    }

    private static Tensor transposed(Tape tape, Tensor matrix) {
        Tensor result = tape.allocate(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(tape.compute(), matrix, result);
        return result;
    }
}
