/**
 * A fine-tuning run: from a recipe to the files of a run.
 *
 * <p>Read {@link dev.lorikeet.cli.run.FineTuning} first.
 *
 * <p>What always holds: a run's folder is touched only when an epoch is finished, and then holds that epoch whole; a
 * run that was there before goes only when the new one is finished; beside it a checkpoint tells where an unfinished
 * run is, whole as well; what a run prints goes to the stream it is given.
 */
@NullMarked
package dev.lorikeet.cli.run;

import org.jspecify.annotations.NullMarked;
