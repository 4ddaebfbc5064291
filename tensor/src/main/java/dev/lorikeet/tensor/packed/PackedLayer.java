package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** One pass through a frozen layer on the processor, there and back: one {@link PackedProduct} each way. */
final class PackedLayer implements Kept {
    private final Compute compute;
    private final PackedWeight weight;
    private final Tensor x;
    private final Terms terms;
    /** h = s·x'·Aᵀ (rows, r), where there is a low-rank term. */
    private @Nullable Tensor reduced;
    /** What the way back through the activation reads: y, or what the function was applied to. */
    private Tensor activated;

    PackedLayer(Compute compute, PackedWeight weight, Tensor x, Terms terms) {
        this.compute = compute;
        this.weight = weight;
        this.x = x;
        this.terms = terms;
        this.activated = x;
    }

    void forward(Room room, Tensor y, boolean train) {
        Activation f = terms.activation();
        Tensor z = train && !f.keepsResult() ? room.take(y.shape()) : y;
        activated = z;
        LowRank term = terms.lowRank();
        Epilogue.LowRank added = null;
        if (term != null) {
            Tensor h = room.take(x.shape().rows(), term.a().dim(0));
            Matmul.multiply(compute, Form.NT, term.scale(), term.x(), term.a(), h, false);
            reduced = h;
            added = new Epilogue.LowRank(h, transposed(room, term.b()));
        }
        PackedProduct.multiply(compute, x, weight.forwardPanels(), new Epilogue(1f, added, terms.bias(), null,
                f == Activation.NONE ? null : new Epilogue.Activated(f, y)), z, false);
    }

    @Override
    public void backward(Room room, Tensor dy, Wanted wanted) {
        terms.activation().backward(compute, activated, dy, dy);
        LowRank term = terms.lowRank();
        Tensor h = reduced;
        Epilogue epilogue = Epilogue.none();
        if (term != null && h != null) {
            Tensor dh = lowRankGradients(room, term, h, dy, wanted);
            if (term.x() == x) {
                epilogue = epilogue.withLowRank(dh, term.a());
            }
            Target dropped = wanted.dropped();
            if (dropped != null) {
                Matmul.multiply(compute, Form.NN, 1f, dh, term.a(), dropped.tensor(), dropped.accumulate());
            }
        }
        Target dx = wanted.x();
        if (dx != null) {
            PackedProduct.multiply(compute, dy, weight.backwardPanels(), epilogue, dx.tensor(), dx.accumulate());
        }
        Target db = wanted.bias();
        if (db != null) {
            Elementwise.sumRows(dy, db.tensor(), db.accumulate());
        }
    }

    /** dB = dyᵀ·h, dA = dhᵀ·x'; gives dh = s·dy·B (rows, r). */
    private Tensor lowRankGradients(Room room, LowRank term, Tensor h, Tensor dy, Wanted wanted) {
        Tensor dh = room.take(h.shape());
        Matmul.multiply(compute, Form.NN, term.scale(), dy, term.b(), dh, false);
        Target b = wanted.b();
        if (b != null) { // as (hᵀ·dy)ᵀ, so that the long axis runs along the vectors
            Tensor gradient = room.take(h.dim(1), dy.dim(-1));
            Matmul.multiply(compute, Form.TN, 1f, h, dy, gradient, false);
            if (b.accumulate()) {
                Elementwise.add(compute, transposed(room, gradient), b.tensor(), b.tensor());
            } else {
                Matmul.transpose(compute, gradient, b.tensor());
            }
        }
        Target a = wanted.a();
        if (a != null) {
            Matmul.multiply(compute, Form.TN, 1f, dh, term.x(), a.tensor(), a.accumulate());
        }
        return dh;
    }

    private Tensor transposed(Room room, Tensor matrix) {
        Tensor result = room.take(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(compute, matrix, result);
        return result;
    }
}
