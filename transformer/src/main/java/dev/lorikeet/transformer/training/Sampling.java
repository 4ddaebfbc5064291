package dev.lorikeet.transformer.training;

import java.util.Locale;

/** Which examples an epoch has. */
public enum Sampling {
    /** Each of them once. */
    NATURAL,
    /** As many as there are, of each class as many: those of rare classes several times, not all of frequent ones. */
    BALANCED;

    /** The name in recipes. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
