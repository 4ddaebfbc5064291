/**
 * Several adapters made into one.
 *
 * <p>Read {@link dev.lorikeet.lora.merge.WeightedAdapter#combine} first, then
 * {@link dev.lorikeet.lora.merge.Combination}: the ways there are, each a pure function of a layer's factors.
 * {@link dev.lorikeet.lora.merge.TaskArithmetic} says how tensors are put together in most of them.
 *
 * <p>What always holds: the combined adapter's own scale is 1, one adapter of weight 1 alone comes out as it went in,
 * and the same seed gives the same bits.
 */
@NullMarked
package dev.lorikeet.lora.merge;

import org.jspecify.annotations.NullMarked;
