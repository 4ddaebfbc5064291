package dev.lorikeet.tensor;

import dev.lorikeet.tensor.FrozenMatrix.Target;
import org.jspecify.annotations.Nullable;

/**
 * What the forward pass through a feed-forward block of frozen layers left for the way back,
 * {@link Compute#feedForward}. Belongs to one thread.
 */
public interface FeedForward extends AutoCloseable {
    /**
     * Computes the gradients that are wanted from that of y. To be called once.
     *
     * @param room the memory for what is needed in between
     * @param dy (rows, out), of unspecified contents afterwards
     */
    void backward(Room room, Tensor dy, Wanted wanted);

    /** Gives up what is kept. */
    @Override
    void close();

    /**
     * The block y = down(f(up(x))), or y = down(f(gate(x))·up(x)) where there is a gate (Shazeer 2020).
     *
     * @param up in to wide
     * @param gate in to wide, or null
     * @param activation f
     * @param down wide to out
     */
    record Block(Part up, @Nullable Part gate, Activation activation, Part down) {
        /** @throws IllegalArgumentException if the weights do not fit together */
        public Block {
            FrozenMatrix first = up.weight;
            if (first.out() != down.weight.in()
                    || gate != null && (gate.weight.out() != first.out() || gate.weight.in() != first.in())) {
                throw new IllegalArgumentException("feedForward: up " + shape(up)
                        + (gate == null ? "" : ", gate " + shape(gate)) + ", down " + shape(down));
            }
        }

        private static Shape shape(Part part) {
            return Shape.of(part.weight.out(), part.weight.in());
        }
    }

    /**
     * A layer z·Wᵀ + s·(z·Aᵀ)·Bᵀ + bias of its input z.
     *
     * @param bias (out)
     */
    record Part(FrozenMatrix weight, @Nullable Factors factors, @Nullable Tensor bias) {}

    /**
     * A low-rank term of the part's own input: one that drops of it is none for this, and takes single layers.
     *
     * @param a (r, in)
     * @param b (out, r)
     * @param scale s
     */
    record Factors(Tensor a, Tensor b, float scale) {}

    /**
     * Where gradients go; those that are null are not computed.
     *
     * @param x of x (rows, in)
     * @param gate null where there is no gate
     */
    record Wanted(@Nullable Target x, Gradients up, @Nullable Gradients gate, Gradients down) {}

    /** Where the gradients of a part go. */
    record Gradients(@Nullable Target a, @Nullable Target b, @Nullable Target bias) {
        /** Of nothing. */
        public static final Gradients NONE = new Gradients(null, null, null);
    }
}
