package dev.lorikeet.transformer.task;

/**
 * One class of a text.
 *
 * @param probability in [0, 1]; those of all classes add up to 1
 */
public record Prediction(String label, float probability) {}
