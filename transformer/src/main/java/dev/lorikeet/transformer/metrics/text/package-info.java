/**
 * How close generated texts are to those that people wrote.
 *
 * <p>Read {@link dev.lorikeet.transformer.metrics.text.TextScores} first: it has all of them for a list of texts. Each
 * is in [0, 1] but NIST and CIDEr, which have no upper end, and each is one tool's number: the names say which.
 */
@NullMarked
package dev.lorikeet.transformer.metrics.text;

import org.jspecify.annotations.NullMarked;
