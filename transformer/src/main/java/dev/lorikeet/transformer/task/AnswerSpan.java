package dev.lorikeet.transformer.task;

/**
 * A part of a text as the answer to a question.
 *
 * @param text empty where there is no answer
 * @param start where it begins in the text that was asked of, as {@link String#substring} counts
 * @param end where it ends
 * @param probability beside the other answers that were found
 */
public record AnswerSpan(String text, int start, int end, double probability) {}
