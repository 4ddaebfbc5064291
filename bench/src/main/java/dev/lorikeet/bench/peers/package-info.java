/**
 * The proof side by side: our code and native engines take turns at the same work, on the same data, in one run.
 *
 * <p>Read {@link dev.lorikeet.bench.peers.Engine}, then {@link dev.lorikeet.bench.peers.Rounds}. The native engines
 * themselves are in the module {@code bench/peers}, which only the Maven profile {@code peers} builds.
 *
 * <p>What always holds: an engine is measured only if its result is that of the others.
 */
@NullMarked
package dev.lorikeet.bench.peers;

import org.jspecify.annotations.NullMarked;
