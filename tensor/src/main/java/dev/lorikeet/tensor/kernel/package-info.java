/**
 * The inner loops, on arrays alone: one contract, two implementations, and the ladder that chooses.
 *
 * <p>Read {@link dev.lorikeet.tensor.kernel.Kernels} first, the contract; then
 * {@link dev.lorikeet.tensor.kernel.ScalarKernels}, the specification, and
 * {@link dev.lorikeet.tensor.kernel.VectorKernels}, its twin on the JDK's Vector API, whose
 * products are {@link dev.lorikeet.tensor.kernel.VectorMatmul} at any width;
 * {@link dev.lorikeet.tensor.kernel.KernelChoice} chooses once for the JVM. StartingKernels stand before the vectors
 * until C2 has compiled them.
 *
 * <p>What always holds: both give the same bits at every vector width.
 */
@NullMarked
package dev.lorikeet.tensor.kernel;

import org.jspecify.annotations.NullMarked;
