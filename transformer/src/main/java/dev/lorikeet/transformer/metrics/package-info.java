/**
 * How good predictions are.
 *
 * <p>Read {@link dev.lorikeet.transformer.metrics.Evaluation} first. Beside it every kind of answer has its own scores:
 * {@link dev.lorikeet.transformer.metrics.ClassScores}, one of several classes;
 * {@link dev.lorikeet.transformer.metrics.LabelScores}, any number of labels, and
 * {@link dev.lorikeet.transformer.metrics.Thresholds} for them;
 * {@link dev.lorikeet.transformer.metrics.RegressionScores}, numbers;
 * {@link dev.lorikeet.transformer.metrics.TagScores}, the tags of sentences;
 * {@link dev.lorikeet.transformer.metrics.EntityScores}, entities in tagged sentences;
 * {@link dev.lorikeet.transformer.metrics.RankingScores}, documents found for a query;
 * {@link dev.lorikeet.transformer.metrics.PrecisionRecall}, yes or no by a score; and
 * {@link dev.lorikeet.transformer.metrics.Calibration}, how sure the model was.
 *
 * <p>What always holds: values are immutable; scores are those of the tool that their documentation names.
 */
@NullMarked
package dev.lorikeet.transformer.metrics;

import org.jspecify.annotations.NullMarked;
