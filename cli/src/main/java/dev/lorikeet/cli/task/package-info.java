/**
 * What the command knows of each kind of task: how files become its examples, what is the least to be beaten, and how
 * it is told.
 *
 * <p>Read {@link dev.lorikeet.cli.task.CommandTask} first, then {@link dev.lorikeet.cli.task.TaskData}.
 */
@NullMarked
package dev.lorikeet.cli.task;

import org.jspecify.annotations.NullMarked;
