package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.Kernels;

/** The weights of a {@link PackedMatrix} in one of its formats: one class for each, all built alike. */
sealed interface Panels permits F32Panels, CodedPanels {
    /** The same weights for the other direction. */
    Panels turned();

    /**
     * The weights of columns of B in float32, one after the other: columns {@code column} to {@code column + count},
     * which lie in one panel, of all k steps.
     */
    void columns(Kernels kernels, int column, int count, float[] to, int at);

    /** Calls the kernels of a product for no steps, which lets them be compiled while other weights are read. */
    void warm(Kernels kernels);

    /** The bytes that a product of one row reads. */
    long bytes();

    /**
     * {@link Kernels#matmul} with the first {@code n} columns of the panel that starts with column {@code column}: the
     * bits are those of a product with the weights that {@link WeightFormat} says are meant, as it says.
     */
    void multiply(Kernels kernels, int column, int m, int n, float[] a, int ao, int lda, float[] c, int co, int ldc,
            boolean accumulate);
}
