/**
 * Text to token ids, as Hugging Face's {@code tokenizers} library does it from a {@code tokenizer.json}.
 *
 * <p>Read {@link dev.lorikeet.transformer.tokenizer.Tokenizer} first: it shows the way of a text through added tokens,
 * normalizer, pre-tokenizer, model and post-processor, each a class of its own.
 *
 * <p>Always holds: tokenizers are immutable and safe for several threads; a component that is not known is refused by
 * its name when the file is read, never skipped.
 */
@NullMarked
package dev.lorikeet.transformer.tokenizer;

import org.jspecify.annotations.NullMarked;
