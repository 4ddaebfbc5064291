package dev.lorikeet.transformer.tokenizer;

import java.util.List;

/**
 * A text as a model reads it, special tokens included.
 *
 * @param ids one id per token
 * @param tokens the same tokens as text, for example {@code [CLS]}, {@code lori}, {@code ##keet}, {@code [SEP]}; an
 *            added token as it stands in the (normalized) text
 * @param truncated how many more tokens the text has, for which there was no room
 */
public record Encoding(int[] ids, List<String> tokens, int truncated) {}
