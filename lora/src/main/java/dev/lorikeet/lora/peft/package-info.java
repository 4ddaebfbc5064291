/**
 * Adapters on disk, as Hugging Face PEFT 0.21.2 lays them out: {@code adapter_config.json} and
 * {@code adapter_model.safetensors} in one directory.
 *
 * <p>Read {@link dev.lorikeet.lora.peft.Peft} first, then {@link dev.lorikeet.lora.peft.AdapterMethods}, which finds
 * the codec of a {@code peft_type}, and {@link dev.lorikeet.lora.peft.PeftFormat}, by which task models are saved with
 * their adapters.
 *
 * <p>What always holds: what is written here opens in PEFT with the same numbers; what is read is checked whole before
 * the model is touched, and is refused where PEFT warns or guesses.
 */
@NullMarked
package dev.lorikeet.lora.peft;

import org.jspecify.annotations.NullMarked;
