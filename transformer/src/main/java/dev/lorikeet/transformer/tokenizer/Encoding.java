package dev.lorikeet.transformer.tokenizer;

import java.util.List;

/**
 * A text or a pair of texts as a model reads it, special tokens included.
 *
 * @param ids one id per token
 * @param typeIds the segment of each token: 0, or 1 in the second of two texts
 * @param tokens the same tokens as text, for example {@code [CLS]}, {@code lori}, {@code ##keet}, {@code [SEP]}; an
 *            added token as it stands in the (normalized) text
 * @param truncated how many more tokens the texts have, for which there was no room
 */
public record Encoding(int[] ids, int[] typeIds, List<String> tokens, int truncated) {}
