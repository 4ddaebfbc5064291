/**
 * Architectures and what wraps them: a loaded {@link dev.lorikeet.transformer.model.Model} with its tokenizer, and a
 * {@link dev.lorikeet.transformer.model.Classifier} on top of it.
 *
 * <p>Read {@link dev.lorikeet.transformer.model.BertModel} first.
 *
 * <p>What always holds: names and shapes are those of Hugging Face checkpoints; sequences are packed rows, never padded.
 */
@NullMarked
package dev.lorikeet.transformer.model;

import org.jspecify.annotations.NullMarked;
