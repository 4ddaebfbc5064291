/**
 * The training loop: batches, steps, epochs, and who listens to them.
 *
 * <p>Read {@link dev.lorikeet.transformer.training.Trainer} first.
 *
 * <p>What always holds: the same seed gives the same bits, whatever the threads and the vector width; nothing is
 * printed.
 */
@NullMarked
package dev.lorikeet.transformer.training;

import org.jspecify.annotations.NullMarked;
