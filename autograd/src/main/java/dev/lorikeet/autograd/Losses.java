package dev.lorikeet.autograd;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.KlDivergence;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Losses: scalars to walk back from. */
public final class Losses {
    private Losses() {}

    /**
     * The mean over rows of -log softmax(logits)[label]; rows labelled {@link CrossEntropy#IGNORED} are left out.
     *
     * @param logits (rows, classes)
     * @param labels a class for each row
     * @throws IllegalArgumentException if the counts differ or a label is no class
     */
    public static Variable crossEntropy(Tape tape, Variable logits, int[] labels) {
        return crossEntropy(tape, logits, labels, 0f);
    }

    /**
     * As {@link #crossEntropy(Tape, Variable, int[])}, where a share of each label's weight goes to all classes alike
     * (Szegedy et al. 2016, section 7), as PyTorch's {@code label_smoothing}.
     *
     * @param labelSmoothing that share, in [0, 1]
     * @throws IllegalArgumentException if the counts differ, a label is no class, or the share is not in its range
     */
    public static Variable crossEntropy(Tape tape, Variable logits, int[] labels, float labelSmoothing) {
        return crossEntropy(tape, logits, labels, labelSmoothing, CrossEntropy.counted(labels));
    }

    /**
     * The sum over rows of what {@link #crossEntropy(Tape, Variable, int[], float)} is the mean of, divided by
     * {@code over}: where that is how many labels a whole update has, the losses of its parts add up to the mean.
     *
     * @throws IllegalArgumentException as there
     */
    public static Variable crossEntropy(Tape tape, Variable logits, int[] labels, float labelSmoothing, double over) {
        return crossEntropy(tape, logits, labels, null, labelSmoothing, over);
    }

    /**
     * As above, of classes that weigh differently: PyTorch's {@code CrossEntropyLoss(weight)}, whose mean is over the
     * sum of the labels' weights.
     *
     * @param weights of each class, or null where all are 1
     * @throws IllegalArgumentException as there, or if there is not a weight for each class
     */
    public static Variable crossEntropy(Tape tape, Variable logits, int[] labels, float @Nullable [] weights,
            float labelSmoothing, double over) {
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) { // NaN too
            throw new IllegalArgumentException("cross-entropy: label smoothing " + labelSmoothing
                    + " is not in [0, 1]");
        }
        if (logits.value().shape().rank() != 2 || logits.value().dim(0) != labels.length) {
            throw new IllegalArgumentException("cross-entropy: logits " + logits.value().shape() + " for "
                    + labels.length + " labels");
        }
        Tensor statistics = tape.allocate(labels.length, 2);
        Tensor loss = tape.allocate(1);
        loss.data()[0] = CrossEntropy.forward(tape.compute(), logits.value(), labels, weights, labelSmoothing,
                over, statistics);
        return tape.record("crossEntropy", loss, (t, dloss) -> {
            Tensor dlogits = t.allocate(logits.value().shape());
            CrossEntropy.backward(t.compute(), logits.value(), labels, weights, labelSmoothing, over, statistics,
                    dloss.data()[dloss.offset()], dlogits);
            t.giveGradient(logits, dlogits);
        }, logits);
    }

    /**
     * The mean over rows of KL(p‖q) = Σ p·(log p - log q) (Kullback and Leibler 1951); of logits by
     * {@link ReductionOps#logSoftmax}. PyTorch's {@code kl_div(logQ, logP, reduction="batchmean", log_target=True)}.
     *
     * @param logP (rows, n) log-probabilities
     * @param logQ likewise
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Variable klDivergence(Tape tape, Variable logP, Variable logQ) {
        Shape shape = logP.value().shape();
        if (!shape.equals(logQ.value().shape())) {
            throw new IllegalArgumentException("klDivergence: shapes differ, log p " + shape + ", log q "
                    + logQ.value().shape());
        }
        Tensor p = tape.allocate(shape);
        Tensor difference = tape.allocate(shape);
        Tensor loss = tape.allocate(1);
        loss.data()[0] = KlDivergence.forward(tape.compute(), logP.value(), logQ.value(), p, difference);
        return tape.record("klDivergence", loss, (t, dloss) -> {
            float factor = dloss.data()[dloss.offset()];
            if (t.needs(logP)) {
                Tensor dlogP = t.allocate(shape);
                KlDivergence.pBackward(p, difference, factor, dlogP);
                t.giveGradient(logP, dlogP);
            }
            if (t.needs(logQ)) {
                Tensor dlogQ = t.allocate(shape);
                KlDivergence.qBackward(p, factor, dlogQ);
                t.giveGradient(logQ, dlogQ);
            }
        }, logP, logQ);
    }

    /**
     * The mean over all elements of (x - target)².
     *
     * @param x of target's shape
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Variable meanSquaredError(Tape tape, Variable x, Tensor target) {
        return meanSquaredError(tape, x, target, target.size());
    }

    /**
     * The sum over all elements of (x - target)², divided by {@code over}: as
     * {@link #crossEntropy(Tape, Variable, int[], float, double)}.
     */
    public static Variable meanSquaredError(Tape tape, Variable x, Tensor target, double over) {
        if (!x.value().shape().equals(target.shape())) {
            throw new IllegalArgumentException("meanSquaredError: shapes differ, x " + x.value().shape()
                    + ", target " + target.shape());
        }
        int n = target.size();
        Tensor difference = tape.allocate(target.shape());
        difference.set(x.value());
        Elementwise.addScaled(target, -1f, difference);
        Tensor loss = tape.allocate(1);
        loss.data()[0] = tape.compute().kernels().dot(n, difference.data(), difference.offset(), difference.data(),
                difference.offset()) / (float) over;
        return tape.record("meanSquaredError", loss, (t, dloss) -> {
            Tensor dx = t.allocate(target.shape());
            Elementwise.scale(difference, 2f / (float) over * dloss.data()[dloss.offset()], dx);
            t.giveGradient(x, dx);
        }, x);
    }

    /**
     * The sum over all elements of -t·log σ(x) - (1 - t)·log(1 - σ(x)), divided by {@code over}: PyTorch's
     * {@code binary_cross_entropy_with_logits}. As max(x, 0) - x·t + log(1 + e^-|x|), which never overflows.
     *
     * @param x logits, of target's shape
     * @param target in [0, 1]
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Variable binaryCrossEntropy(Tape tape, Variable x, Tensor target, double over) {
        if (!x.value().shape().equals(target.shape())) {
            throw new IllegalArgumentException("binaryCrossEntropy: shapes differ, x " + x.value().shape()
                    + ", target " + target.shape());
        }
        int n = target.size();
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double logit = x.value().data()[x.value().offset() + i];
            sum += Math.max(logit, 0) - logit * target.data()[target.offset() + i]
                    + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
        }
        Tensor loss = tape.allocate(1);
        loss.data()[0] = (float) (sum / over);
        return tape.record("binaryCrossEntropy", loss, (t, dloss) -> {
            Tensor dx = t.allocate(target.shape());
            double factor = dloss.data()[dloss.offset()] / over;
            for (int i = 0; i < n; i++) {
                dx.data()[dx.offset() + i] = (float) (factor
                        * (sigmoid(x.value().data()[x.value().offset() + i]) - target.data()[target.offset() + i]));
            }
            t.giveGradient(x, dx);
        }, x);
    }

    /** 1/(1 + e^-x). */
    public static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    /**
     * Σ x·weights: a scalar through which any output can be probed.
     *
     * @param weights one for each element of x
     * @throws IllegalArgumentException if their number differs
     */
    public static Variable weightedSum(Tape tape, Variable x, Tensor weights) {
        if (weights.size() != x.value().size()) {
            throw new IllegalArgumentException("weightedSum: " + weights.size() + " weights for x "
                    + x.value().shape());
        }
        Tensor sum = tape.allocate(1);
        sum.data()[0] = tape.compute().kernels().dot(x.value().size(), x.value().data(), x.value().offset(),
                weights.data(), weights.offset());
        return tape.record("weightedSum", sum, (t, dsum) -> {
            Tensor dx = t.allocate(x.value().shape());
            Elementwise.scale(weights, dsum.data()[dsum.offset()], dx);
            t.giveGradient(x, dx);
        }, x);
    }
}
