package dev.lorikeet.transformer.data;

/**
 * One labelled text.
 *
 * @param text what the model reads
 * @param label index into {@link Dataset#labels()}
 */
public record Example(String text, int label) {}
