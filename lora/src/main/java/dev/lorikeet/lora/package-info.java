/**
 * Adapters: LoRA (Hu et al. 2021, arXiv 2106.09685) and rsLoRA (Kalajdzievski 2023, arXiv 2312.03732) on the linear
 * layers and embeddings of a model.
 *
 * <p>Read {@link dev.lorikeet.lora.LoraConfig} first, then {@link dev.lorikeet.lora.Lora}, which attaches what it
 * describes, and {@link dev.lorikeet.lora.LoraLayer}, the arithmetic. Files are in {@code lora.peft}, ranks that are
 * found in {@code lora.rank} and {@code lora.search}. To add another method, read
 * {@link dev.lorikeet.lora.AdapterMethod}, {@link dev.lorikeet.lora.Attached} and
 * {@link dev.lorikeet.lora.PeftCodec}.
 *
 * <p>What always holds: the base model is frozen while an adapter is attached; the factor on B·A comes from
 * {@link dev.lorikeet.lora.LoraConfig#scaling(int, double)} and from nowhere else; a merge can be undone bit for bit;
 * the same seed gives the same adapter, whatever else is attached.
 */
@NullMarked
package dev.lorikeet.lora;

import org.jspecify.annotations.NullMarked;
