/**
 * Settings that are declared once: key, what it may be, default and meaning; files, flags and documentation follow.
 *
 * <p>Read {@link dev.lorikeet.transformer.settings.Setting} first, and see
 * {@link dev.lorikeet.transformer.training.TrainingSettings} for a section of them.
 *
 * <p>Always holds: a value in {@link dev.lorikeet.transformer.settings.Settings} obeys the rule of its setting.
 */
@NullMarked
package dev.lorikeet.transformer.settings;

import org.jspecify.annotations.NullMarked;
