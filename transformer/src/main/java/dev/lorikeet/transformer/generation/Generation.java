package dev.lorikeet.transformer.generation;

import org.jspecify.annotations.Nullable;

/**
 * What a model has written.
 *
 * @param ids the new tokens, an end token included
 * @param text of them, without special tokens, up to a stop string; empty where there is no tokenizer
 * @param score of a beam search: the sum of the log-probabilities, divided by the power of the length that
 *     {@code length-penalty} says; else null
 */
public record Generation(Prompt prompt, int[] ids, String text, FinishReason finish, @Nullable Float score) {}
