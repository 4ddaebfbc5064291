package dev.lorikeet.springai;

import org.springframework.ai.embedding.EmbeddingOptions;

/** What requests may not ask for: it is refused by its name, since nobody would see that it was ignored. */
final class Refusals {
    /** By which observations tell our models from others'. */
    static final String PROVIDER = "lorikeet";

    private static final Class<?> KNOWN = EmbeddingOptions.builder().build().getClass();

    private Refusals() {}

    /** @throws UnsupportedOperationException if they are another provider's, or name another model */
    static void requireSupported(EmbeddingOptions options, String name) {
        require(options.getClass() == KNOWN, "options of " + options.getClass().getSimpleName());
        require(options.getModel() == null || options.getModel().equals(name), "model other than " + name);
    }

    static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("lorikeet: " + what + " is not supported");
    }

    static void require(boolean supported, String what) {
        if (!supported) {
            throw unsupported(what);
        }
    }
}
