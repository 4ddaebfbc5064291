/**
 * Ranks that find themselves in training: AdaLoRA (Zhang et al. 2023, arXiv 2303.10512), which prunes the rank-1 terms
 * of adapters while it trains them.
 *
 * <p>Read {@link dev.lorikeet.lora.rank.AdaLora} first, then {@link dev.lorikeet.lora.rank.BudgetSchedule} and
 * {@link dev.lorikeet.lora.rank.AdaLoraAllocator}.
 *
 * <p>What always holds: given the same gradients, AdaLoRA's scores and masks are those of PEFT 0.21.2, step for step,
 * but where PEFT fails or has nothing to go by; modules are named by their paths in the model; nothing here knows what
 * an adapter is, but {@link dev.lorikeet.lora.rank.Triplets}.
 */
@NullMarked
package dev.lorikeet.lora.rank;

import org.jspecify.annotations.NullMarked;
