package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A feed-forward block as its layers, one after the other: the bits are those of single layers. */
final class FrozenBlock implements FeedForward {
    private final Compute compute;
    private final Block block;
    private @Nullable Kept up;
    private @Nullable Kept gate;
    private @Nullable Kept down;
    /** up(x) and f(gate(x)), whose product the last layer reads; only where there is a gate. */
    private @Nullable Tensor raised;
    private @Nullable Tensor gated;

    FrozenBlock(Compute compute, Block block) {
        this.compute = compute;
        this.block = block;
    }

    void forward(Room room, Tensor x, Tensor y, boolean train) {
        Shape wide = Shape.of(x.shape().rows(), block.up().weight().out());
        Tensor hidden = room.take(wide);
        Part gatePart = block.gate();
        if (gatePart == null) {
            up = layer(block.up(), room, x, block.activation(), hidden, train);
        } else {
            Tensor u = room.take(wide);
            Tensor g = room.take(wide);
            up = layer(block.up(), room, x, Activation.NONE, u, train);
            gate = layer(gatePart, room, x, block.activation(), g, train);
            Elementwise.multiply(compute, g, u, hidden);
            raised = u;
            gated = g;
        }
        down = layer(block.down(), room, hidden, Activation.NONE, y, train);
    }

    private static @Nullable Kept layer(Part part, Room room, Tensor x, Activation f, Tensor y, boolean train) {
        Factors factors = part.factors();
        LowRank term = factors == null ? null : new LowRank(x, factors.a(), factors.b(), factors.scale());
        return part.weight().forward(room, x, new Terms(term, part.bias(), f), y, train);
    }

    @Override
    public void backward(Room room, Tensor dy, Wanted wanted) {
        Tensor dhidden = room.take(dy.shape().rows(), block.up().weight().out());
        Objects.requireNonNull(down).backward(room, dy, gradients(new Target(dhidden, false), wanted.down()));
        Tensor u = raised;
        Tensor g = gated;
        if (u == null || g == null) {
            Objects.requireNonNull(up).backward(room, dhidden, gradients(wanted.x(), wanted.up()));
            return;
        }
        Tensor du = room.take(dhidden.shape());
        Elementwise.multiply(compute, dhidden, g, du);
        Elementwise.multiply(compute, dhidden, u, dhidden);
        Objects.requireNonNull(up).backward(room, du, gradients(wanted.x(), wanted.up()));
        Target x = wanted.x();
        Gradients ofGate = wanted.gate();
        Objects.requireNonNull(gate).backward(room, dhidden,
                gradients(x == null ? null : new Target(x.tensor(), true), ofGate == null ? Gradients.NONE : ofGate));
    }

    private static FrozenMatrix.Wanted gradients(@Nullable Target x, Gradients part) {
        return new FrozenMatrix.Wanted(x, null, part.a(), part.b(), part.bias());
    }

    @Override
    public void close() {
        for (Kept kept : new Kept[] {up, gate, down}) {
            if (kept != null) {
                kept.close();
            }
        }
    }
}
