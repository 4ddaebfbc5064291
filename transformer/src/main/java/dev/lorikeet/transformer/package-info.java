/**
 * What the packages below share: so far how wrong input is reported.
 *
 * <p>Read {@link dev.lorikeet.transformer.InputException} first. Models are in {@code transformer.model}, tokenizers in
 * {@code transformer.tokenizer}, weight files in {@code transformer.weights}, data sets in {@code transformer.data},
 * the training loop in {@code transformer.training}.
 *
 * <p>Always holds: input from files and users is checked before anything is allocated for it, and a fault in it is an
 * {@code InputException} that names the place.
 */
@NullMarked
package dev.lorikeet.transformer;

import org.jspecify.annotations.NullMarked;
