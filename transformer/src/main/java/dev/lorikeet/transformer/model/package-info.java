/**
 * Architectures and what wraps them. {@link dev.lorikeet.transformer.model.BertModel},
 * {@link dev.lorikeet.transformer.model.RobertaModel}, {@link dev.lorikeet.transformer.model.Gpt2Model} and
 * {@link dev.lorikeet.transformer.model.LlamaModel} each say in one file how they differ; a
 * {@link dev.lorikeet.transformer.model.PretrainedModel} puts one of four heads on them, as the {@code config.json} of
 * a Hugging Face directory says. {@link dev.lorikeet.transformer.model.Model} is an encoder with its tokenizer, and a
 * {@link dev.lorikeet.transformer.model.Classifier} stands on top of it.
 *
 * <p>Read {@link dev.lorikeet.transformer.model.LlamaModel} first, then
 * {@link dev.lorikeet.transformer.model.PretrainedModel}.
 *
 * <p>What always holds: names and shapes are those of Hugging Face checkpoints; sequences are packed rows, never
 * padded.
 */
@NullMarked
package dev.lorikeet.transformer.model;

import org.jspecify.annotations.NullMarked;
