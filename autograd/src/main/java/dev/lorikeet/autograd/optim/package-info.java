/**
 * Optimizers and learning-rate schedules.
 *
 * <p>Read {@link dev.lorikeet.autograd.optim.AdamW} first, then {@link dev.lorikeet.autograd.optim.Schedule}.
 *
 * <p>What always holds: a step reads gradients and writes parameters and the optimizer's own state, nothing else.
 */
@NullMarked
package dev.lorikeet.autograd.optim;

import org.jspecify.annotations.NullMarked;
