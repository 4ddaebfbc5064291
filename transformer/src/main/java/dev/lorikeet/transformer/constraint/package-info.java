/**
 * Texts of a form: what a model writes is kept to a regular expression or to a JSON schema.
 *
 * <p>Read {@link dev.lorikeet.transformer.constraint.TextForm} first, which says what a text may be, then
 * {@link dev.lorikeet.transformer.constraint.Constraint}, which says which tokens may come next. A form becomes a
 * {@link dev.lorikeet.transformer.constraint.Node}, that an {@link dev.lorikeet.transformer.constraint.Automaton} over
 * bytes of UTF-8; {@link dev.lorikeet.transformer.constraint.TokenBytes} has the bytes of the vocabulary.
 *
 * <p>Source: Willard and Louf 2023, "Efficient Guided Generation for Large Language Models".
 */
@NullMarked
package dev.lorikeet.transformer.constraint;

import org.jspecify.annotations.NullMarked;
