/**
 * Text out of language models: what is read, how the next token is chosen, when a text ends.
 *
 * <p>Read {@link dev.lorikeet.transformer.generation.Generator} first, then
 * {@link dev.lorikeet.transformer.generation.GenerationBatch}, which computes any number of texts together, and
 * {@link dev.lorikeet.transformer.generation.GenerationSettings}, whose names and meanings are those of Hugging Face's
 * {@code GenerationConfig}.
 *
 * <p>Always holds: what a text gets depends on its prompt, the settings and the model alone, to the last bit, whatever
 * is computed beside it; nothing is printed.
 */
@NullMarked
package dev.lorikeet.transformer.generation;

import org.jspecify.annotations.NullMarked;
