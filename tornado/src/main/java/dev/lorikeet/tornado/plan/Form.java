package dev.lorikeet.tornado.plan;

/** How the operands of a product lie, as in BLAS; the ordinal is what kernels take. */
public enum Form {
    /** A (m, k), B (n, k). */
    NT,
    /** A (m, k), B (k, n). */
    NN,
    /** A (k, m), B (k, n). */
    TN
}
