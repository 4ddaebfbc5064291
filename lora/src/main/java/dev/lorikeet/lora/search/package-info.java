/**
 * Ranks found before training: AutoLoRA (Zhang et al. 2024, arXiv 2403.09113), which learns how many rank-1 terms each
 * module needs on two parts of the data, so that the adapter is trained anew with these ranks.
 *
 * <p>Read {@link dev.lorikeet.lora.search.AutoLoraSearch} first, then {@link dev.lorikeet.lora.search.Selection}.
 *
 * <p>What always holds: a search leaves the model as it was, bit for bit; it draws its random numbers from the
 * training's seed; modules are named by their paths in the model.
 */
@NullMarked
package dev.lorikeet.lora.search;

import org.jspecify.annotations.NullMarked;
