/**
 * What a model is for: the tasks, and a model with the head of one.
 *
 * <p>Read {@link dev.lorikeet.transformer.task.Task} first, then {@link dev.lorikeet.transformer.task.TaskModel}.
 * {@link dev.lorikeet.transformer.task.Embedder} is for those who want embeddings.
 *
 * <p>What always holds: a task has no state; it says how an input becomes token ids, what the loss of logits is, and
 * what they answer.
 */
@NullMarked
package dev.lorikeet.transformer.task;

import org.jspecify.annotations.NullMarked;
