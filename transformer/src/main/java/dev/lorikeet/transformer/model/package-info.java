/**
 * Architectures and their heads. {@link dev.lorikeet.transformer.model.BertModel},
 * {@link dev.lorikeet.transformer.model.Gpt2Model}, {@link dev.lorikeet.transformer.model.LlamaModel} and the others
 * each say in one file how they differ: a {@link dev.lorikeet.transformer.model.Backbone} with its descriptor, made of
 * shared blocks. A
 * {@link dev.lorikeet.transformer.model.Head} makes logits of what they give;
 * {@link dev.lorikeet.transformer.model.Model} is what a Hugging Face directory holds of all that.
 *
 * <p>Read {@link dev.lorikeet.transformer.model.Model} first, then {@link dev.lorikeet.transformer.model.LlamaModel},
 * which says what each layer computes.
 *
 * <p>What always holds: names and shapes are those of Hugging Face checkpoints; sequences are packed rows, never
 * padded.
 */
@NullMarked
package dev.lorikeet.transformer.model;

import org.jspecify.annotations.NullMarked;
