/**
 * How good predictions are.
 *
 * <p>Read {@link dev.lorikeet.transformer.metrics.Evaluation} first.
 *
 * <p>What always holds: values are immutable.
 */
@NullMarked
package dev.lorikeet.transformer.metrics;

import org.jspecify.annotations.NullMarked;
