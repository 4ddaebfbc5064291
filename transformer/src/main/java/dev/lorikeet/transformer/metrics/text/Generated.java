package dev.lorikeet.transformer.metrics.text;

import java.util.List;

/**
 * A text that a model wrote, and what it might have written.
 *
 * @param answer the model's
 * @param references people's, at least one
 */
public record Generated(String answer, List<String> references) {

    /** @throws IllegalArgumentException without a reference */
    public Generated {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new IllegalArgumentException("generated: at least one reference is expected for \"" + answer + "\"");
        }
    }

    /** With one reference. */
    public Generated(String answer, String reference) {
        this(answer, List.of(reference));
    }
}
