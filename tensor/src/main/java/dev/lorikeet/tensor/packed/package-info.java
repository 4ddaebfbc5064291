/**
 * The processor as what computes: frozen weights packed once into panels, in the formats that files have them in, and
 * products with them in one pass.
 *
 * <p>Read {@link dev.lorikeet.tensor.packed.Cpu} first, then {@link dev.lorikeet.tensor.packed.PackedMatrix}; each
 * format is one class of panels, all built alike.
 *
 * <p>What always holds: the panels are a weight's only bytes, and a weight is never decoded as a whole to compute with
 * it.
 */
@NullMarked
package dev.lorikeet.tensor.packed;

import org.jspecify.annotations.NullMarked;
