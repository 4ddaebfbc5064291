package dev.lorikeet.autograd;

import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The way back through a layer whose weight is frozen.
 *
 * @param dropped the input of the low-rank term where that is not x
 */
record FrozenLinear(Kept kept, Variable x, @Nullable Variable dropped, @Nullable LowRank lowRank,
        @Nullable Variable bias) implements Operation {

    @Override
    public void backward(Tape tape, Tensor dy) {
        kept.backward(tape.room(), dy, new Wanted(target(tape, x), target(tape, dropped),
                lowRank == null ? null : target(tape, lowRank.a()), lowRank == null ? null : target(tape, lowRank.b()),
                target(tape, bias)));
    }

    /** Where the gradient of {@code input} goes, or null where nobody wants one. */
    private static @Nullable Target target(Tape tape, @Nullable Variable input) {
        return input != null && tape.needs(input) ? tape.gradientOf(input) : null;
    }

    @Override
    public void close() {
        kept.close();
    }
}
