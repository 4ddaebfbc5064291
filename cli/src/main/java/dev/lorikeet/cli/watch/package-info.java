/**
 * A run in a browser while it is under way: {@link dev.lorikeet.cli.watch.WatchServer} shows what a {@link
 * dev.lorikeet.cli.watch.Watched} has.
 */
@NullMarked
package dev.lorikeet.cli.watch;

import org.jspecify.annotations.NullMarked;
