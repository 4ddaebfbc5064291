package dev.lorikeet.transformer.training;

/** Training has left the numbers: a loss, or what is computed from gradients, is NaN or infinite. */
public final class DivergedException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    /** @param message what is not finite, and when it was seen */
    public DivergedException(String message) {
        super(message);
    }
}
