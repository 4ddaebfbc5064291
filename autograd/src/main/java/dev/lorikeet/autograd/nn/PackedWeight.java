package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.LinearOps.FrozenWeight;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * A weight's packed form: made at the first use of the frozen weight, shared by all threads, dropped once it changes.
 */
final class PackedWeight {
    private volatile @Nullable FrozenWeight packed;
    private WeightFormat format = WeightFormat.F32;

    /** The packed form of {@code weight}, which is frozen. */
    FrozenWeight of(Compute compute, Parameter weight, Linear.Layout layout) {
        FrozenWeight current = packed;
        if (current == null) {
            synchronized (this) {
                current = packed;
                if (current == null) {
                    current = switch (layout) {
                        case OUT_IN -> FrozenWeight.of(compute, weight.value(), format);
                        case IN_OUT -> FrozenWeight.ofTransposed(compute, weight.value(), format);
                    };
                    packed = current;
                }
            }
        }
        return current;
    }

    WeightFormat format() {
        return format;
    }

    void format(WeightFormat next) {
        if (next.blockLength() > 1) {
            throw new IllegalArgumentException("linear: " + next + " is taken from the bytes of a file, not made from "
                    + "float32");
        }
        format = next;
        drop();
    }

    /**
     * Forgets what was packed from the old weight. A weight that is trained changes without a word: drop it then too.
     */
    void drop() {
        if (packed != null) {
            packed = null;
        }
    }
}
