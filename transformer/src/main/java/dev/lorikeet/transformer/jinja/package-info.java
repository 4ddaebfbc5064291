/**
 * As much of the Jinja language as chat templates are written in, with the values of Python that it stands on.
 *
 * <p>Read {@link dev.lorikeet.transformer.jinja.Template} first, then {@code Lexer}, {@code StatementParser} and
 * {@code ExpressionParser}, which turn a template into functions, and {@code Run}, which is what they are given.
 *
 * <p>Always holds: a template is somebody else's program, so that its work, its output and its depth are bounded,
 * nothing outside can be reached from it, and whatever is not known here is refused by its name and line.
 */
@NullMarked
package dev.lorikeet.transformer.jinja;

import org.jspecify.annotations.NullMarked;
