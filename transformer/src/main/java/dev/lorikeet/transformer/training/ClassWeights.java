package dev.lorikeet.transformer.training;

import java.util.Locale;

/** How much the classes of examples weigh in the loss. */
public enum ClassWeights {
    /** All examples weigh alike. */
    NONE,
    /** All classes weigh alike, however many examples each has. */
    BALANCED;

    /** The name in recipes. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
