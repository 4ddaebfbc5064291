package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A frozen weight on the processor: panels of Wᵀ (in, out) for y = x·Wᵀ, which are the weight's only bytes; and once
 * something is trained behind it, those of W for dx = dy·W.
 */
final class PackedWeight implements FrozenMatrix {
    private final Compute compute;
    private final PackedMatrix forward;
    private volatile @Nullable PackedMatrix backward;

    PackedWeight(Compute compute, PackedMatrix forward) {
        this.compute = compute;
        this.forward = forward;
    }

    @Override
    public int out() {
        return forward.columns();
    }

    @Override
    public int in() {
        return forward.rows();
    }

    @Override
    public WeightFormat format() {
        return forward.format();
    }

    @Override
    public long bytes() {
        PackedMatrix turned = backward;
        return forward.bytes() + (turned == null ? 0 : turned.bytes());
    }

    PackedMatrix forwardPanels() {
        return forward;
    }

    /** W (out, in), packed at the first call. */
    PackedMatrix backwardPanels() {
        PackedMatrix turned = backward;
        if (turned == null) {
            synchronized (this) {
                turned = backward;
                if (turned == null) {
                    turned = forward.turned();
                    backward = turned;
                }
            }
        }
        return turned;
    }

    @Override
    public @Nullable Kept forward(Room room, Tensor x, Terms terms, Tensor y, boolean train) {
        PackedLayer layer = new PackedLayer(compute, this, x, terms);
        layer.forward(room, y, train);
        return train ? layer : null;
    }

    @Override
    public void rows(int[] which, Tensor to) {
        if (to.dim(-1) != in() || to.shape().rows() != which.length) {
            throw new IllegalArgumentException("rows: " + which.length + " of weight " + Shape.of(out(), in())
                    + " into " + to.shape());
        }
        for (int i = 0; i < which.length; i++) {
            Objects.checkIndex(which[i], out());
            forward.columns(compute.kernels(), which[i], 1, to.data(), to.offset() + i * in());
        }
    }

    @Override
    public Tensor toTensor() {
        Tensor all = Tensor.zeros(out(), in());
        for (int i = 0; i < out(); i += forward.width) {
            forward.columns(compute.kernels(), i, Math.min(forward.width, out() - i), all.data(), i * in());
        }
        return all;
    }

    @Override
    public void close() {
        backward = null;
    }

    @Override
    public String toString() {
        return "PackedWeight(" + out() + ", " + in() + ") of " + format();
    }
}
