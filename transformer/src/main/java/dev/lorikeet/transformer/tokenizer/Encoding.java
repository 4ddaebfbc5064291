package dev.lorikeet.transformer.tokenizer;

import java.util.List;

/**
 * A text as a model reads it, special tokens included.
 *
 * @param ids one id per token
 * @param tokens the same tokens as text, for example {@code [CLS]}, {@code lori}, {@code ##keet}, {@code [SEP]}; an
 *            added token as it stands in the (normalized) text
 */
public record Encoding(int[] ids, List<String> tokens) {}
