package dev.lorikeet.bench.peers;

import org.jspecify.annotations.Nullable;

/**
 * One line of the table: a piece of work, and what we want to reach.
 *
 * @param target the ratio to the rival that is the aim
 * @param limit the limit of the machine that is the rival, or null where that is the best native engine
 * @param quick whether the short run has it
 */
record Row(Work work, double target, @Nullable String limit, boolean quick) {}
