/**
 * Ranks that find themselves: AdaLoRA (Zhang et al. 2023, arXiv 2303.10512), which prunes while it trains, and AutoLoRA
 * (Zhang et al. 2024, arXiv 2403.09113), which learns how many terms each module needs and trains again with those
 * ranks.
 *
 * <p>Read {@link dev.lorikeet.lora.rank.RankAllocator} first, which both are, then
 * {@link dev.lorikeet.lora.rank.AdaLoraAllocator}.
 *
 * <p>What always holds: given the same gradients, AdaLoRA's scores and masks are those of PEFT 0.21.2, step for step,
 * but where PEFT fails or has nothing to go by; modules are named by their paths in the model.
 */
@NullMarked
package dev.lorikeet.lora.rank;

import org.jspecify.annotations.NullMarked;
