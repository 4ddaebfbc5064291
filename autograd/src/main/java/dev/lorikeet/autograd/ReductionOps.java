package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/** Sums and norms, of everything or row by row, and softmax, which divides by a sum. */
public final class ReductionOps {
    private ReductionOps() {}

    /**
     * e^x/Σ e^x over the last axis.
     *
     * @throws IllegalArgumentException if x has no axis
     */
    public static Variable softmax(Tape tape, Variable x) {
        requireAxis("softmax", x);
        Tensor y = tape.allocate(x.value().shape());
        Softmax.forward(tape.compute(), x.value(), y);
        return tape.record("softmax", y, (t, dy) -> {
            Softmax.backward(t.compute(), y, dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /**
     * x - log Σ e^x over the last axis: the logarithm of {@link #softmax}, exact where that is 0 to float32.
     *
     * @throws IllegalArgumentException if x has no axis
     */
    public static Variable logSoftmax(Tape tape, Variable x) {
        requireAxis("logSoftmax", x);
        Tensor y = tape.allocate(x.value().shape());
        Softmax.logForward(tape.compute(), x.value(), y);
        return tape.record("logSoftmax", y, (t, dy) -> {
            Tensor dx = t.allocate(dy.shape());
            Softmax.logBackward(t.compute(), y, dy, dx);
            t.giveGradient(x, dx);
        }, x);
    }

    /** Σ x: a scalar, (1). */
    public static Variable sum(Tape tape, Variable x) {
        return scaledSum(tape, "sum", x, 1);
    }

    /** Σ x/size: a scalar, (1); NaN if x is empty. */
    public static Variable mean(Tape tape, Variable x) {
        return scaledSum(tape, "mean", x, x.value().size());
    }

    private static Variable scaledSum(Tape tape, String name, Variable x, int divisor) {
        Tensor sum = tape.allocate(1);
        sum.data()[0] = (float) (Reductions.sum(tape.compute(), x.value()) / divisor);
        return tape.record(name, sum, (t, dsum) -> {
            Tensor dx = t.allocate(x.value().shape());
            dx.fill(dsum.data()[dsum.offset()] / divisor);
            t.giveGradient(x, dx);
        }, x);
    }

    /** √Σ x²: a scalar, (1); its gradient at zero is zero. */
    public static Variable norm(Tape tape, Variable x) {
        Tensor norm = tape.allocate(1);
        norm.data()[0] = (float) Math.sqrt(Reductions.dot(tape.compute(), x.value(), x.value()));
        return tape.record("norm", norm, (t, dnorm) -> {
            Tensor dx = t.allocate(x.value().shape());
            float n = norm.data()[norm.offset()];
            Reductions.normBackward(x.value(), n, dnorm.data()[dnorm.offset()], dx);
            t.giveGradient(x, dx);
        }, x);
    }

    /**
     * √Σ x² over the last axis, whose gradient in a row of zeros is zero: the norms of the neurons of a weight
     * (out, in), as DoRA has them (Liu et al. 2024, equation 2).
     *
     * @param x (…, n)
     * @return (…)
     * @throws IllegalArgumentException if x has no axis
     */
    public static Variable rowNorms(Tape tape, Variable x) {
        requireAxis("rowNorms", x);
        int[] dims = x.value().shape().dims();
        Tensor norms = tape.allocate(Shape.of(Arrays.copyOf(dims, dims.length - 1)));
        Reductions.rowNorms(tape.compute(), x.value(), norms);
        return tape.record("rowNorms", norms, (t, dnorms) -> {
            Tensor dx = t.allocate(x.value().shape());
            Reductions.rowNormsBackward(t.compute(), x.value(), norms, dnorms, dx);
            t.giveGradient(x, dx);
        }, x);
    }

    /**
     * x/√Σ x² over the last axis, of length 1: PyTorch's {@code normalize}. A row of zeros stays one, and its gradient
     * is zero, where PyTorch divides by 1e-12.
     *
     * @param x (…, n)
     * @return (…, n)
     * @throws IllegalArgumentException if x has no axis
     */
    public static Variable normalize(Tape tape, Variable x) {
        requireAxis("normalize", x);
        Tensor norms = tape.allocate(x.value().shape().rows());
        Tensor y = tape.allocate(x.value().shape());
        Reductions.normalizeRows(tape.compute(), x.value(), norms, y);
        return tape.record("normalize", y, (t, dy) -> {
            Reductions.normalizeRowsBackward(t.compute(), y, norms, dy, dy);
            t.giveGradient(x, dy);
        }, x);
    }

    /**
     * Σ x·y over the last axis: of normalised rows, the cosines of their angles.
     *
     * @param x (…, n), as is y
     * @return (…)
     * @throws IllegalArgumentException if the shapes differ, or have no axis
     */
    public static Variable rowDots(Tape tape, Variable x, Variable y) {
        requireAxis("rowDots", x);
        if (!x.value().shape().equals(y.value().shape())) {
            throw new IllegalArgumentException("rowDots: shapes differ, x " + x.value().shape() + ", y "
                    + y.value().shape());
        }
        int[] dims = x.value().shape().dims();
        Tensor dots = tape.allocate(Shape.of(Arrays.copyOf(dims, dims.length - 1)));
        Reductions.rowDots(tape.compute(), x.value(), y.value(), dots);
        return tape.record("rowDots", dots, (t, ddots) -> {
            for (Variable input : new Variable[] {x, y}) {
                if (t.needs(input)) {
                    Tensor dinput = t.allocate(x.value().shape());
                    Reductions.rowDotsBackward(t.compute(), (input == x ? y : x).value(), ddots, dinput);
                    t.giveGradient(input, dinput);
                }
            }
        }, x, y);
    }

    private static void requireAxis(String name, Variable x) {
        if (x.value().shape().rank() == 0) {
            throw new IllegalArgumentException(name + ": x " + x.value().shape() + " has no axis");
        }
    }
}
