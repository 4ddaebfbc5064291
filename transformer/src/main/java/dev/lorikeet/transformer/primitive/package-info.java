/**
 * Collections of primitive numbers, as far as tokenizers, tasks and generation need them. Begin with {@link
 * dev.lorikeet.transformer.primitive.IntList}.
 */
@NullMarked
package dev.lorikeet.transformer.primitive;

import org.jspecify.annotations.NullMarked;
