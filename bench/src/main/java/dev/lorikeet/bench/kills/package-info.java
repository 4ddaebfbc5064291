/**
 * Runs of {@code lorikeet finetune} that are killed at random moments and go on: {@code lorikeet bench kills}.
 *
 * <p>Read {@link dev.lorikeet.bench.kills.KillsCommand} first.
 *
 * <p>What always holds: a run that was killed is compared with one of the same command that was not, byte by byte; the
 * moments come from a seed, but what a process has done by then is its own.
 */
@NullMarked
package dev.lorikeet.bench.kills;

import org.jspecify.annotations.NullMarked;
