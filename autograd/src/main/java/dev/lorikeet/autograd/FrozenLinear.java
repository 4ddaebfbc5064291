package dev.lorikeet.autograd;

import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The way back through a layer whose weight is frozen.
 *
 * @param inputs in the order of {@link Wanted}
 */
record FrozenLinear(Kept kept, @Nullable Variable[] inputs) implements Operation {

    @Override
    public void backward(Tape tape, Tensor dy) {
        kept.backward(tape.room(), dy, new Wanted(target(tape, 0), target(tape, 1), target(tape, 2), target(tape, 3),
                target(tape, 4)));
    }

    /** Where the gradient of an input goes, or null where nobody wants one. */
    private @Nullable Target target(Tape tape, int index) {
        Variable input = inputs[index];
        return input != null && tape.needs(input) ? tape.gradientOf(input) : null;
    }

    @Override
    public void close() {
        kept.close();
    }
}
