package dev.lorikeet.transformer.task;

/**
 * A text that a language model is given, and how it is to go on, as Hugging Face's data sets have them.
 *
 * @param completion with the white space before it, if there is any
 */
public record Completion(String prompt, String completion) {}
