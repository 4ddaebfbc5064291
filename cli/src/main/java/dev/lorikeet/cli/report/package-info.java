/**
 * What is known about a run, and the page that shows it.
 *
 * <p>Read {@link dev.lorikeet.cli.report.Run} first, then {@link dev.lorikeet.cli.report.Report}.
 *
 * <p>What always holds: the page is one well-formed file that asks the network for nothing; charts are SVG made here,
 * coloured by the page's style sheet alone.
 */
@NullMarked
package dev.lorikeet.cli.report;

import org.jspecify.annotations.NullMarked;
