package dev.lorikeet.autograd.nn;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * A weight's packed form: made at the first use of the frozen weight, shared by all threads, dropped once it changes.
 */
final class PackedWeight {
    private volatile @Nullable FrozenMatrix packed;
    private WeightFormat format = WeightFormat.F32;

    /** The packed form of {@code weight}, which is frozen. */
    FrozenMatrix of(Compute compute, Parameter weight, Linear.Layout layout) {
        FrozenMatrix current = packed;
        if (current == null) {
            synchronized (this) {
                current = packed;
                if (current == null) {
                    current = compute.take(switch (layout) {
                        case OUT_IN -> weight.value();
                        case IN_OUT -> turned(compute, weight.value());
                    }, format);
                    packed = current;
                }
            }
        }
        return current;
    }

    private static Tensor turned(Compute compute, Tensor matrix) {
        Tensor result = Tensor.zeros(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(compute, matrix, result);
        return result;
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
