/**
 * Gradients: a {@link dev.lorikeet.autograd.Variable} holds a value and, after the backward pass, its gradient; a
 * {@link dev.lorikeet.autograd.Tape} records the operations in between.
 *
 * <p>Read {@link dev.lorikeet.autograd.Variable} first, then {@link dev.lorikeet.autograd.Tape}, then
 * {@link dev.lorikeet.autograd.Operation} and one of its topics, {@link dev.lorikeet.autograd.LinearOps}.
 *
 * <p>What always holds: an input that needs no gradient gets none and costs no work; a tape, its variables and its
 * workspace belong to one thread.
 */
@NullMarked
package dev.lorikeet.autograd;

import org.jspecify.annotations.NullMarked;
