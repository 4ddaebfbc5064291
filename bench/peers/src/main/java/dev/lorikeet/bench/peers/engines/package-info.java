/**
 * The native engines that are measured beside ours, each in a JVM of its own.
 *
 * <p>Read {@link dev.lorikeet.bench.peers.engines.Peers} first.
 *
 * <p>What always holds: an engine works on memory of its own, made before the clock runs.
 */
@NullMarked
package dev.lorikeet.bench.peers.engines;

import org.jspecify.annotations.NullMarked;
