package dev.lorikeet.transformer.data;

/** Two texts that are read together, as a premise and a hypothesis, or a question and an answer. */
public record TextPair(String first, String second) {}
