package dev.lorikeet.lora;

/**
 * What A (r, in) and B (out, r) are before training [init_lora_weights]. Embeddings have an initialization of their own
 * with all but {@link WeightInitialization.Mica}: A zero, B standard normal.
 */
public sealed interface Initialization permits DrawnInitialization, WeightInitialization, EvaInitialization {
    /** {@link DrawnInitialization#KAIMING}. */
    Initialization KAIMING = DrawnInitialization.KAIMING;
    /** {@link DrawnInitialization#GAUSSIAN}. */
    Initialization GAUSSIAN = DrawnInitialization.GAUSSIAN;
    /** {@link DrawnInitialization#ORTHOGONAL}. */
    Initialization ORTHOGONAL = DrawnInitialization.ORTHOGONAL;
    /** {@link DrawnInitialization#NONE}. */
    Initialization NONE = DrawnInitialization.NONE;

    // No method here has a body: an interface with one is initialized before its classes, and these constants would be
    // null.

    /** Whether what B·A starts with is taken out of W, so that the model computes what it did. */
    boolean changesBase();

    /** Whether B is trained. */
    boolean trainsB();
}
