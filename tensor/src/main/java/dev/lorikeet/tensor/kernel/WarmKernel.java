package dev.lorikeet.tensor.kernel;

/** What {@link WarmUp} sees to the compiling of, in the order of its numbers. */
enum WarmKernel {
    // The product, by its tiles: a row of a panel; so many rows of one; columns behind the last panel.
    PANEL_ROW, PANEL_6, PANEL_4, PANEL_2, PANEL_1, TWO_VECTORS, ONE_VECTOR,
    // Kernels of Kernels.
    TRANSPOSE, ADD_ROW, SUM, DOT, MAX, EXP, SOFTMAX, GELU, GELU_BACKWARD, GELU_TANH, GELU_TANH_BACKWARD, SILU,
    SILU_BACKWARD,
    TANH, ERF, LOG, LAYER_NORM, LAYER_NORM_BACKWARD, RMS_NORM, RMS_NORM_BACKWARD, ATTENTION_SOFTMAX,
    SOFTMAX_BACKWARD, WEIGHTED_SUMS, MEANS, SUBTRACT, MULTIPLY_ROWS,
    // Of Decoding.
    BF16, F16, QUANTS8, QUANTS4, QUANTS5, QUANTS6, SCALE,
    // Of DecodedRows.
    BF16_ROW, F16_ROW, INT8_ROW, QUANTS8_ROW, QUANTS4_ROW, QUANTS5_ROW, QUANTS6_ROW;

    /** Its bit among those of all. */
    final long bit = 1L << ordinal();
}
