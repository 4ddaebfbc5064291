/**
 * The papers' experiments, run again with the product's own layers: {@code lorikeet bench experiment}.
 *
 * <p>Read {@link dev.lorikeet.bench.experiments.RankStability} first, a theorem in numbers; then
 * {@link dev.lorikeet.bench.experiments.Experiments}, the command.
 *
 * <p>What always holds: nothing of a method is computed here a second time; the same command gives the same figures,
 * times excepted.
 */
@NullMarked
package dev.lorikeet.bench.experiments;

import org.jspecify.annotations.NullMarked;
