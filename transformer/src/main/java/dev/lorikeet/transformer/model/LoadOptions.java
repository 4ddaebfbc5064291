package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;

/**
 * How a model is loaded.
 *
 * @param format which the frozen weights of the base model's linear layers are computed with, as QLoRA does (Dettmers
 *     et al. 2023): adapters on them train in float32, and gradients flow through. Embeddings, norms and heads stay
 *     float32, and so does a layer whose weight is trained, merged into or replaced in part
 * @param architectures that {@code model_type} may name
 * @param compute what computes
 */
public record LoadOptions(WeightFormat format, Architectures architectures, Compute compute) {
    /** Everything in float32, on the processor. */
    public static final LoadOptions STANDARD = new LoadOptions(WeightFormat.F32);

    /** @throws InputException for a format of GGUF's blocks, which is never made from other numbers */
    public LoadOptions {
        if (format.blockLength() > 1) {
            throw new InputException("format: " + format + " is made by GGUF files only");
        }
    }

    /** The standard architectures in {@code format}, on the processor. */
    public LoadOptions(WeightFormat format) {
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
        for (Module module : base.namedModules().values()) {
            if (module instanceof Linear linear) {
                linear.weight().format(format);
            }
        }
    }
}
