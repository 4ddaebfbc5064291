package dev.lorikeet.autograd;

import org.jspecify.annotations.Nullable;

/** Sees each operation of a tape when it has run, as profilers and searches for faults do. */
public interface TapeObserver {
    /**
     * An operation has made its output, of which the observer must not keep the value.
     *
     * @param operation as messages call it, for example {@code layerNorm}
     * @param inputs null where an optional one is absent
     */
    void forward(String operation, Variable output, @Nullable Variable[] inputs);

    /** The operation has gone backward: its inputs' gradients have its part, that of its output is still there. */
    void backward(String operation, Variable output, @Nullable Variable[] inputs);
}
