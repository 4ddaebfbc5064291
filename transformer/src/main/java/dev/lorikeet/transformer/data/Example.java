package dev.lorikeet.transformer.data;

/**
 * One labelled input.
 *
 * @param <X> an input, for example a text
 * @param input what the model reads
 * @param label index into {@link Dataset#labels()}
 */
public record Example<X>(X input, int label) {}
