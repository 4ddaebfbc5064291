/**
 * What every reader and writer of files shares: JSON with limits, files that are written whole or not at all, and how
 * wrong input is reported.
 *
 * <p>Read {@link dev.lorikeet.transformer.io.InputException} first.
 *
 * <p>Always holds: input from files and users is checked before anything is allocated for it, and a fault in it is an
 * {@code InputException} that names the place.
 */
@NullMarked
package dev.lorikeet.transformer.io;

import org.jspecify.annotations.NullMarked;
