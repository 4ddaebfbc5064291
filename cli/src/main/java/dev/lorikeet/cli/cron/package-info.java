/**
 * The built-in task {@code cron}: from a description in English to the cron expression that it describes.
 *
 * <p>Read {@link dev.lorikeet.cli.cron.CronExamples} first.
 *
 * <p>Always holds: the same seed draws the same examples, and no expression is both trained and tested.
 */
@NullMarked
package dev.lorikeet.cli.cron;

import org.jspecify.annotations.NullMarked;
