package dev.lorikeet.tensor;

import org.jspecify.annotations.Nullable;

/**
 * The weight W (out, in) of a frozen layer, in the memory of what computes with it: the sole owner of its bytes. Safe
 * to share between threads.
 *
 * <p>This is the seam for devices: one frozen layer, both ways. {@link #forward} computes
 *
 * <pre>
 * y = f(x·Wᵀ + s·(x'·Aᵀ)·Bᵀ + bias)
 * </pre>
 *
 * with the low-rank term of LoRA (Hu et al. 2021, equation 3) if there is one, and {@link Kept#backward} its gradients.
 */
public interface FrozenMatrix extends AutoCloseable {
    /** The length of a row of y. */
    int out();

    /** The length of a row of x. */
    int in();

    /** How the weights are stored, which says what numbers they are. */
    WeightFormat format();

    /** The bytes that this matrix holds now, with what was packed for the way back. */
    long bytes();

    /**
     * Computes y.
     *
     * @param room the memory for what is kept for the way back, and in between
     * @param x (rows, in)
     * @param terms what stands beside x·Wᵀ
     * @param y (rows, out), overwritten
     * @param train whether {@link Kept#backward} will be asked
     * @return what the way back needs, which reads x, y and the terms again; null where not {@code train}
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    @Nullable
    Kept forward(Room room, Tensor x, Terms terms, Tensor y, boolean train);

    /**
     * Some rows of W in float32, as a table is looked up.
     *
     * @param to (which.length, in), overwritten
     * @throws IndexOutOfBoundsException if there is no such row
     */
    void rows(int[] which, Tensor to);

    /** W (out, in) in float32: a copy. */
    Tensor toTensor();

    /** Gives the memory back; nothing may use this matrix any more. */
    @Override
    void close();

    /**
     * What stands beside x·Wᵀ in a layer.
     *
     * @param bias (out)
     */
    record Terms(@Nullable LowRank lowRank, @Nullable Tensor bias, Activation activation) {
        /** Nothing: y = x·Wᵀ. */
        public static final Terms NONE = new Terms(null, null, Activation.NONE);
    }

    /**
     * The term s·(x'·Aᵀ)·Bᵀ of rank r.
     *
     * @param x x' (rows, in): the layer's own input x itself, or that after dropout
     * @param a (r, in)
     * @param b (out, r)
     * @param scale s
     */
    record LowRank(Tensor x, Tensor a, Tensor b, float scale) {}

    /** What a forward pass left for the way back. Belongs to one thread. */
    interface Kept extends AutoCloseable {
        /**
         * Computes the gradients that are wanted from that of y.
         *
         * @param room the memory for what is needed in between
         * @param dy (rows, out), of unspecified contents afterwards
         */
        void backward(Room room, Tensor dy, Wanted wanted);

        /** Gives up what is kept. */
        @Override
        default void close() {}
    }

    /**
     * Where gradients go; those that are null are not computed.
     *
     * @param x of x (rows, in); where x' is x, with what comes through the low-rank term
     * @param dropped of x' (rows, in) where that is not x
     * @param a of A
     * @param b of B
     * @param bias of the bias
     */
    record Wanted(@Nullable Target x, @Nullable Target dropped, @Nullable Target a, @Nullable Target b,
            @Nullable Target bias) {}

    /**
     * Where a gradient goes.
     *
     * @param accumulate whether it is added to what is there, or overwrites it
     */
    record Target(Tensor tensor, boolean accumulate) {}
}
