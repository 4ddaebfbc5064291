package dev.lorikeet.autograd;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;

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
        if (logits.value().dim(0) != labels.length) {
            throw new IllegalArgumentException("cross-entropy: logits " + logits.value().shape() + " for "
                    + labels.length + " labels");
        }
        Tensor statistics = tape.allocate(labels.length, 2);
        Tensor loss = tape.allocate(1);
        loss.data()[0] = CrossEntropy.forward(tape.compute(), logits.value(), labels, statistics);
        return tape.record("crossEntropy", loss, (t, dloss) -> {
            Tensor dlogits = t.allocate(logits.value().shape());
            CrossEntropy.backward(t.compute(), logits.value(), labels, statistics, dloss.data()[dloss.offset()],
                    dlogits);
            t.giveGradient(logits, dlogits);
        }, logits);
    }

    /** Σ x·weights: a scalar through which any output can be probed. */
    public static Variable weightedSum(Tape tape, Variable x, Tensor weights) {
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
