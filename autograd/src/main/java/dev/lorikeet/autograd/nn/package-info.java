/**
 * Modules and layers. Paths and names are Hugging Face's, so that {@code encoder.layer.0.attention.self.query.weight}
 * means here what it means in a checkpoint.
 *
 * <p>Read {@link dev.lorikeet.autograd.nn.Module} first, then {@link dev.lorikeet.autograd.nn.Linear} with its one
 * seam, {@link dev.lorikeet.autograd.nn.Adapter}.
 *
 * <p>What always holds: the order of parameters and modules is that of their creation; a parameter has one name,
 * however many modules use it; a forward pass changes no module.
 */
@NullMarked
package dev.lorikeet.autograd.nn;

import org.jspecify.annotations.NullMarked;
