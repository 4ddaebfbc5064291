/**
 * The training loop: batches, steps, epochs, and who listens to them.
 *
 * <p>Read {@link dev.lorikeet.transformer.training.Trainer} first, then
 * {@link dev.lorikeet.transformer.training.TrainingLoop}: an {@link dev.lorikeet.transformer.training.Update} asks
 * {@link dev.lorikeet.transformer.training.Gradients} for sums over micro-batches. A
 * {@link dev.lorikeet.transformer.training.TrainState}, on disk in a
 * {@link dev.lorikeet.transformer.training.StateFile}, is where a run goes on from.
 *
 * <p>What always holds: the same seed gives the same bits, whatever the threads and the vector width; nothing is
 * printed.
 */
@NullMarked
package dev.lorikeet.transformer.training;

import org.jspecify.annotations.NullMarked;
