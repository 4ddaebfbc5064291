/**
 * Benchmarks of Lorikeet, for JMH; {@link dev.lorikeet.bench.KernelBench} runs them.
 *
 * <p>Read {@link dev.lorikeet.bench.MatmulBenchmark} first.
 *
 * <p>What always holds: scalar and vector code stand in one table, made in one run.
 */
@NullMarked
package dev.lorikeet.bench;

import org.jspecify.annotations.NullMarked;
