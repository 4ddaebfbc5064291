/**
 * Many texts and what a model answers them: from arguments, lines or the rows of a table, by batches, to lines of JSON,
 * to a table, or as a person reads them. However many there are, a batch of them is in memory.
 *
 * <p>Read {@link dev.lorikeet.cli.answer.Answering} first.
 */
@NullMarked
package dev.lorikeet.cli.answer;

import org.jspecify.annotations.NullMarked;
