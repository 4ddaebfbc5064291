package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;

/**
 * How the gradient of an operation's output becomes the gradients of its inputs.
 *
 * <p>An implementation stands beside its forward pass. It asks {@link Tape#gradientOf} for the room of each input that
 * requires a gradient, and leaves the others alone.
 */
@FunctionalInterface
interface Operation {
    /** @param dy the gradient of the output, of the output's shape */
    void backward(Tape tape, Tensor dy);

    /** Gives up what is kept outside of the tape's buffers; may be called again. */
    default void close() {}

    /** Of an operation that is not recorded. */
    Operation NONE = (_, _) -> {};
}
