package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import org.jspecify.annotations.Nullable;

/**
 * How a model is loaded.
 *
 * @param format which the frozen weights of the base model's linear layers are computed with, as QLoRA does (Dettmers
 *     et al. 2023): adapters on them train in float32, and gradients flow through. Embeddings, norms and heads are
 *     float32 then, and so is a layer whose weight is trained, merged into or replaced in part. Null for the form in
 *     which the files have each matrix, which is then there once: float32, the same numbers in half or a quarter of
 *     the memory where files have bfloat16, binary16 or GGUF's blocks
 * @param architectures that {@code model_type} may name
 * @param compute what computes
 */
public record LoadOptions(@Nullable WeightFormat format, Architectures architectures, Compute compute) {
    /** Everything in the form in which the files have it, on the processor. */
    public static final LoadOptions STANDARD = new LoadOptions(null);

    /** @throws InputException for a format of GGUF's blocks, which is never made from other numbers */
    public LoadOptions {
        if (format != null && format.blockLength() > 1) {
            throw new InputException("format: " + format + " is made by GGUF files only");
        }
    }

    /** The standard architectures in {@code format}, or as the files have it, on the processor. */
    public LoadOptions(@Nullable WeightFormat format) {
        this(format, Architectures.standard(), Cpu.shared());
    }

    /** These, with other architectures. */
    public LoadOptions with(Architectures others) {
        return new LoadOptions(format, others, compute);
    }

    /** These, on another device. */
    public LoadOptions with(Compute other) {
        return new LoadOptions(format, architectures, other);
    }

    /** Has the layers of {@code base} computed as this says. */
    void apply(Module base) {
        if (format == null) {
            return;
        }
        for (Module module : base.namedModules().values()) {
            if (module instanceof Linear linear) {
                linear.weight().format(format);
            }
        }
    }
}
