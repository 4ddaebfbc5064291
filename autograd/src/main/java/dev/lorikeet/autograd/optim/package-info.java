/**
 * Optimizers and learning-rate schedules.
 *
 * <p>Read {@link dev.lorikeet.autograd.optim.Optimizer} first, with {@link dev.lorikeet.autograd.optim.Rule}, then
 * {@link dev.lorikeet.autograd.optim.Clipping} and {@link dev.lorikeet.autograd.optim.Schedule}.
 *
 * <p>What always holds: a step reads gradients and writes parameters and the optimizer's own state, nothing else; a
 * gradient may hold anything after it.
 */
@NullMarked
package dev.lorikeet.autograd.optim;

import org.jspecify.annotations.NullMarked;
