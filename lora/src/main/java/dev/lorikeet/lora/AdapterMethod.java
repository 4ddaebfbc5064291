package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.task.TaskModel;

/**
 * A way to train a model without training all of it. Applications may have their own: {@code
 * AdapterMethods.standard().with(mine)} in {@code lora.peft} is a list that knows it, and its files.
 *
 * @param <C> what its adapters are, and where they go: {@link LoraConfig}, for example
 */
public interface AdapterMethod<C> {
    /**
     * Freezes {@code root} and puts a new adapter into it, its parameters trainable.
     *
     * @param seed of the initialization: the same seed gives the same bits
     * @throws dev.lorikeet.transformer.io.InputException if the configuration does not fit the model
     * @throws IllegalStateException if a place is taken by an adapter already
     */
    Attached attach(Module root, C config, long seed);

    /** As {@link #attach(Module, Object, long)}, to what of {@code model} PEFT sees as the model, which saves it. */
    default Attached attach(TaskModel<?, ?, ?> model, C config, long seed) {
        Attached attached = attach(model.peftRoot(), config, seed);
        model.attachment(attached);
        return attached;
    }

    /** How its adapters stand in files. */
    PeftCodec<C> codec();
}
