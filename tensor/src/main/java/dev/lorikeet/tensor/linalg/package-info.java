/**
 * Decompositions of matrices, for initial adapters and for merging them: {@link dev.lorikeet.tensor.linalg.Qr} and
 * {@link dev.lorikeet.tensor.linalg.Svd}.
 *
 * <p>What always holds: the same bits on every machine.
 */
@NullMarked
package dev.lorikeet.tensor.linalg;

import org.jspecify.annotations.NullMarked;
