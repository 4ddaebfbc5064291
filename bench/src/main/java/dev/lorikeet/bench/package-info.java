/**
 * Benchmarks of Lorikeet, for JMH; CONTRIBUTING.md says how to run them.
 *
 * <p>Read {@link dev.lorikeet.bench.KernelsBenchmark} first.
 *
 * <p>What always holds: scalar and vector code stand in one table, made in one run.
 */
@NullMarked
package dev.lorikeet.bench;

import org.jspecify.annotations.NullMarked;
