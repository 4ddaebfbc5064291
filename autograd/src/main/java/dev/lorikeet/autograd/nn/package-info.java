/**
 * Modules and layers. Paths and names are Hugging Face's, so that {@code encoder.layer.0.attention.self.query.weight}
 * means here what it means in a checkpoint.
 *
 * <p>Read {@link dev.lorikeet.autograd.nn.Module} first, then {@link dev.lorikeet.autograd.nn.Pass}, what a forward
 * pass knows, then {@link dev.lorikeet.autograd.nn.Linear}. Adapters enter through three seams:
 * {@link dev.lorikeet.autograd.nn.Adapter} in a linear layer, {@link dev.lorikeet.autograd.nn.EmbeddingAdapter} in an
 * embedding, {@link dev.lorikeet.autograd.nn.KeyValues} in {@link dev.lorikeet.autograd.nn.SelfAttention}.
 *
 * <p>What always holds: the order of parameters and modules is that of their creation; a parameter has one name,
 * however many modules use it; a forward pass changes no module.
 */
@NullMarked
package dev.lorikeet.autograd.nn;

import org.jspecify.annotations.NullMarked;
