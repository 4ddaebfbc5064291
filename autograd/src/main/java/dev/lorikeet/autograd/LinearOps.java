package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers: y = x·Wᵀ + b with W (out, in), frozen or trained, with or without a low-rank term beside it; or
 * y = x·W + b with W stored as (in, out).
 */
public final class LinearOps {
    private LinearOps() {}

    /**
     * The low-rank term s·(x·Aᵀ)·Bᵀ of LoRA (Hu et al. 2021, equation 3).
     *
     * @param x the input of the term: the layer's input, or that after dropout
     * @param a (r, in)
     * @param b (out, r)
     * @param scaling s
     */
    public record LowRank(Variable x, Variable a, Variable b, float scaling) {
        private FrozenMatrix.LowRank values() {
            return new FrozenMatrix.LowRank(x.value(), a.value(), b.value(), scaling);
        }
    }

    /**
     * y = f(x·Wᵀ + s·(x'·Aᵀ)·Bᵀ + bias) for a frozen W, in one pass over y.
     *
     * @param x (rows, in)
     * @param bias (out), or null
     * @param lowRank the low-rank term, or null
     * @param activation f
     * @return (rows, out)
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable linear(Tape tape, Variable x, FrozenMatrix weight, @Nullable Variable bias,
            @Nullable LowRank lowRank, Activation activation) {
        requireLayer(x, weight.out(), weight.in(), bias);
        if (lowRank != null) {
            requireLowRank(x, weight.out(), lowRank);
        }
        Variable dropped = lowRank == null || lowRank.x() == x ? null : lowRank.x();
        Variable a = lowRank == null ? null : lowRank.a();
        Variable b = lowRank == null ? null : lowRank.b();
        Tensor y = tape.allocate(x.value().shape().rows(), weight.out());
        Terms terms = new Terms(lowRank == null ? null : lowRank.values(), bias == null ? null : bias.value(),
                activation);
        @Nullable
        Variable[] inputs = {x, dropped, a, b, bias};
        Kept kept = weight.forward(tape.room(), x.value(), terms, y, tape.records(inputs));
        return tape.record("linear", y, kept == null ? Operation.NONE : new FrozenLinear(kept, inputs), inputs);
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
                Target dx = t.gradientOf(x);
                Matmul.multiply(compute, turned ? Form.NT : Form.NN, 1f, dy, w, dx.tensor(), dx.accumulate());
            }
            if (t.needs(weight)) {
                Target dw = t.gradientOf(weight);
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
                Target da = t.gradientOf(a);
                Matmul.multiply(t.compute(), turnedB ? Form.NN : Form.NT, 1f, turnedA ? rhs : dc, turnedA ? dc : rhs,
                        da.tensor(), da.accumulate());
            }
            if (t.needs(b)) { // dB = Aᵀ·dC, or its transpose
                Target db = t.gradientOf(b);
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

    private static void biasGradient(Tape tape, @Nullable Variable bias, Tensor dy) {
        if (bias != null && tape.needs(bias)) {
            Target db = tape.gradientOf(bias);
            Elementwise.sumRows(dy, db.tensor(), db.accumulate());
        }
    }
}
