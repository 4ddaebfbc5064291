/**
 * The {@code lorikeet} command.
 *
 * <p>Read {@link dev.lorikeet.cli.Main} first; each verb is a class of its own.
 *
 * <p>What always holds: results go to standard output, faults to standard error. Wrong input is one line and exit
 * status 2, anything else that fails one line and exit status 1; stack traces come with {@code --debug} only.
 */
@NullMarked
package dev.lorikeet.cli;

import org.jspecify.annotations.NullMarked;
