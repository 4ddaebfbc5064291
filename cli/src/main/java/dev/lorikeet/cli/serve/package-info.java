/**
 * The model behind HTTP, in the form that clients of OpenAI's interface speak.
 *
 * <p>Read {@link dev.lorikeet.cli.serve.ApiServer} first: it has the routes, who may come in, and how it ends. What a
 * route answers is an {@link dev.lorikeet.cli.serve.Endpoint}; what it refuses is a
 * {@link dev.lorikeet.cli.serve.Refusal}, which becomes the error that those clients know.
 */
@NullMarked
package dev.lorikeet.cli.serve;

import org.jspecify.annotations.NullMarked;
