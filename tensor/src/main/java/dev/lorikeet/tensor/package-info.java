/**
 * Numbers: dense float32 tensors and the kernels that compute on them, forward beside backward.
 *
 * <p>Read {@link dev.lorikeet.tensor.Tensor} first, then {@link dev.lorikeet.tensor.Kernels}, the contract between the
 * scalar and the vector implementation, then {@link dev.lorikeet.tensor.Matmul}.
 *
 * <p>What always holds: the same inputs give the same bits with any {@link dev.lorikeet.tensor.Kernels}, any vector
 * width and any number of threads. A sum over k of a matrix product is made of chains of 128 fused multiply-adds in the
 * order of k; any other sum has 16 logical lanes and a fixed tree; exp, erf and tanh are this package's own.
 */
@NullMarked
package dev.lorikeet.tensor;

import org.jspecify.annotations.NullMarked;
