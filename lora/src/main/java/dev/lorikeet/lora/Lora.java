package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.function.Function;

/** Attaches adapters to a model. */
public final class Lora {
    private Lora() {}

    /**
     * Freezes {@code model}, puts a new adapter into every layer that {@code config} targets, and makes those and the
     * modules to save trainable. The model's output changes only under {@link Initialization#NONE}: with all others,
     * B·A starts at zero or is taken out of W, up to rounding.
     *
     * <p>The pooler of an encoder that is asked for hidden states is no target, whatever matches it, unless it is named
     * as such: it gets no gradient. The adapter's configuration excludes it.
     *
     * @param seed of the initialization: the same seed gives the same bits to the same layer
     * @throws InputException if a name or pattern matches nothing, a target is not a linear layer, or the
     *     initialization needs data: {@link Eva#attach} takes some
     * @throws IllegalStateException if a targeted layer has an adapter already
     */
    public static LoraAdapter attach(Module model, LoraConfig config, long seed) {
        if (config.initialization() instanceof EvaInitialization) {
            throw new InputException("initialization (init_lora_weights): eva needs batches of data, see Eva.attach");
        }
        return LoraPlan.of(model, ReachedTargets.of(model, config)).attach(seed);
    }

    /**
     * As {@link #attach(Module, LoraConfig, long)}, to what of {@code model} Hugging Face PEFT sees as the model; the
     * task type says what the head is, so that one that is trained goes with the adapter. {@link TaskModel#save} writes
     * it.
     */
    public static LoraAdapter attach(TaskModel<?, ?, ?> model, LoraConfig config, long seed) {
        return attach(model.peftRoot(), forTask(model, config), seed);
    }

    /** As {@link #attach(Module, LoraConfig, long, Function)}, to what of {@code model} PEFT sees as the model. */
    public static LoraAdapter attach(TaskModel<?, ?, ?> model, LoraConfig config, long seed,
            Function<LoraSite, Gate> gates) {
        return attach(model.peftRoot(), forTask(model, config), seed, gates);
    }

    /** With the task's type where none is given, and then with what of a new head that does not mean. */
    static LoraConfig forTask(TaskModel<?, ?, ?> model, LoraConfig config) {
        if (config.taskType() != null) {
            return config;
        }
        LoraConfig typed = config.toBuilder().taskType(TaskType.of(model.head())).build();
        String[] drawn = model.peftRoot() != model ? new String[0]
                : model.head().drawn().stream().map(LoraPlan::modulePath).distinct()
                        .filter(path -> !typed.savesWhole(path)).toArray(String[]::new);
        return typed.toBuilder().modulesToSave(drawn).build();
    }

    /**
     * As {@link #attach(Module, LoraConfig, long)}, with adapters each component of which counts as much as a gate
     * says.
     *
     * @param gates of the places, (r, 1) each
     * @throws InputException also if a target is an embedding, or the configuration has gates
     *     of its own
     */
    public static LoraAdapter attach(Module model, LoraConfig config, long seed, Function<LoraSite, Gate> gates) {
        LoraPlan plan = LoraPlan.of(model, ReachedTargets.of(model, config));
        for (LoraSite site : plan.sites()) {
            if (site.isEmbedding() || site.lambdas()) {
                throw new InputException("targets (target_modules): " + site.path() + (site.isEmbedding()
                        ? " is an embedding, gates are for linear layers"
                        : " has AdaLoRA's gate already"));
            }
        }
        if (config.initialization().changesBase() || config.initialization() instanceof EvaInitialization) {
            throw new InputException("initialization (init_lora_weights): " + config.initialization()
                    + " does not go with gates");
        }
        return plan.attach(seed, gates::apply);
    }

    /**
     * Puts {@link LoraWeights#toPlain} in the place of an adapter of another kind, frozen.
     *
     * @throws IllegalArgumentException if the adapter is plain LoRA already
     * @throws InputException if every λ of AdaLoRA's is zero, so that no module has an adapter
     */
    public static LoraAdapter toPlain(LoraAdapter adapter) {
        LoraWeights weights = adapter.weights();
        LoraWeights plain = weights.toPlain();
        if (plain == weights) {
            throw new IllegalArgumentException("toPlain: the adapter is plain LoRA already");
        }
        adapter.detach();
        return plain.attach();
    }
}
