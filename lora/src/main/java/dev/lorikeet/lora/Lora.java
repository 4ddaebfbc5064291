package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;

/** Attaches adapters to a model. */
public final class Lora {
    private Lora() {}

    /**
     * Freezes {@code model}, puts a new adapter into every layer that {@code config} targets, and makes those and the
     * modules to save trainable. The model's output changes only under {@link Initialization#NONE}: B·A starts at zero.
     *
     * @param seed of the initialization: the same seed gives the same bits to the same layer
     * @throws dev.lorikeet.transformer.InputException if a name or pattern matches nothing, or a target is not a linear
     *     layer
     * @throws IllegalStateException if a targeted layer has an adapter already
     */
    public static LoraAdapter attach(Module model, LoraConfig config, long seed) {
        new TargetMatcher(config).requireEveryNameMatches(model.namedModules());
        return LoraPlan.of(model, config).attach(seed);
    }
}
