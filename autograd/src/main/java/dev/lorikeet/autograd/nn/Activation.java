package dev.lorikeet.autograd.nn;

/** What a {@link Linear} layer does to its sums before it gives them. */
public enum Activation {
    /** Nothing. */
    NONE,
    /** x·Φ(x) in its exact form (Hendrycks and Gimpel 2016), in the same pass as the product. */
    GELU
}
