package dev.lorikeet.lora.search;

/**
 * How the gradient for the selection variables A reckons with W' = W - ξ·∇L_train(W, A), the weights one step ahead: by
 * the term -ξ·∇²L_train(A, W)·∇L_val(W'), from finite differences (Liu et al. 2019, DARTS, equations 7 and 8).
 */
public enum SecondOrder {
    /** ξ is the rate of the step on W, and the derivatives are those at W: the textbook. */
    INNER_RATE,
    /** ξ is 1, and the derivatives are those at W', after the step: AutoLoRA's authors' code. */
    ONE,
    /** ξ is 0: W and A take turns, on two halves of the data. */
    NONE
}
