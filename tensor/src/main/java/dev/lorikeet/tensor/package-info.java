/**
 * Numbers: dense float32 tensors and the operations on them, forward beside backward.
 *
 * <p>Read {@link dev.lorikeet.tensor.Tensor} first, then {@link dev.lorikeet.tensor.Matmul}; then
 * {@link dev.lorikeet.tensor.Compute} and {@link dev.lorikeet.tensor.FrozenMatrix}, the seam for what computes the
 * layers whose weights are frozen. Below are the inner loops, {@code tensor.kernel}; above, the processor's frozen
 * weights, {@code tensor.packed}, and decompositions, {@code tensor.linalg}.
 *
 * <p>What always holds: the same inputs give the same bits with any kernels, any vector width and any number of
 * threads. A sum over k of a matrix product is made of chains of 128 fused multiply-adds in the order of k; any other
 * sum has 16 logical lanes and a fixed tree; exp, erf and tanh are our own.
 */
@NullMarked
package dev.lorikeet.tensor;

import org.jspecify.annotations.NullMarked;
