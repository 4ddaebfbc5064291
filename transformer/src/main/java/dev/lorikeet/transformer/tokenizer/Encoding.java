package dev.lorikeet.transformer.tokenizer;

import java.util.List;

/**
 * A text, a pair of texts or a list of words as a model reads it, special tokens included.
 *
 * @param ids one id per token
 * @param typeIds the segment of each token: 0, or 1 in the second of two texts
 * @param tokens the same tokens as text, for example {@code [CLS]}, {@code lori}, {@code ##keet}, {@code [SEP]}; an
 *            added token as it stands in the (normalized) text
 * @param wordOf of a list of words, the number of the word that each token is of, from 0; -1 for special tokens, and
 *     for all tokens of a text. The {@code word_ids} of Hugging Face's library
 * @param starts where in its text, or in its word, each token begins, as {@link String#substring} counts; 0 for special
 *     tokens. Hugging Face's {@code offsets} are the same in code points
 * @param ends where each token ends; 0 for special tokens. A token of a byte-level vocabulary that is part of a
 *     character has the range of the whole character
 * @param textOf the text that each token is of, 0 or 1; -1 for the special tokens that were put around the texts. The
 *     {@code sequence_ids} of Hugging Face's library, and its {@code special_tokens_mask}
 * @param truncated how many more tokens the texts have, for which there was no room
 */
public record Encoding(int[] ids, int[] typeIds, List<String> tokens, int[] wordOf, int[] starts, int[] ends,
        int[] textOf, int truncated) {}
