/**
 * Feeds every reader of files with what is nearly right, and allows nothing but success or an
 * {@link dev.lorikeet.transformer.io.InputException} that names the file in one short line.
 *
 * <p>Read {@link dev.lorikeet.bench.fuzz.Reader} first, then {@link dev.lorikeet.bench.fuzz.Campaign}.
 *
 * <p>What always holds: the same seed and number give the same input, so that a fault can be had again.
 */
@NullMarked
package dev.lorikeet.bench.fuzz;

import org.jspecify.annotations.NullMarked;
