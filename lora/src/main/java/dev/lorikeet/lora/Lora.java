package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Attaches adapters to a model. */
public final class Lora {
    private Lora() {}

    /**
     * Freezes {@code model}, puts a new adapter into every layer that {@code config} targets, and makes those and the
     * modules to save trainable. The model's output changes only under {@link Initialization#NONE}: with all others,
     * B·A starts at zero or is taken out of W, up to rounding.
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
        new TargetMatcher(config).requireEveryNameMatches(model.namedModules());
        return LoraPlan.of(model, config).attach(seed);
    }

    /**
     * As {@link #attach(Module, LoraConfig, long)}, with adapters each component of which counts as much as a gate
     * says.
     *
     * @param gates of the places, (r, 1) each
     * @throws dev.lorikeet.transformer.InputException also if a target is an embedding, or the configuration has gates
     *     of its own
     */
    public static LoraAdapter attach(Module model, LoraConfig config, long seed, Function<LoraSite, Gate> gates) {
        new TargetMatcher(config).requireEveryNameMatches(model.namedModules());
        LoraPlan plan = LoraPlan.of(model, config);
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
     * Puts a plain LoRA adapter in the place of another kind, frozen. Of AdaLoRA's, λ is multiplied into A, components
     * whose λ is zero are left out, modules have ranks of their own, or no adapter where nothing is left. Where W was
     * changed for the adapter, as PiSSA and OLoRA do, it is {@link LoraWeights#toPlain}. Adapters of parts of a layer
     * become one of all of it, with their ranks added up. The model computes the same, but
     * for the order in which terms are summed; any program that serves LoRA can read it.
     *
     * @throws IllegalArgumentException if the adapter is neither
     * @throws dev.lorikeet.transformer.InputException if every λ is zero, so that no module has an adapter
     */
    public static LoraAdapter toPlain(LoraAdapter adapter) {
        if (adapter.config().initialization().changesBase()) {
            LoraWeights plain = adapter.weights().toPlain();
            adapter.detach();
            return plain.attach();
        }
        if (!adapter.config().fused().isEmpty()) {
            LoraWeights plain = whole(adapter);
            adapter.detach();
            return plain.attach();
        }
        if (adapter.allocator() == null) {
            throw new IllegalArgumentException("toPlain: the adapter is plain LoRA already");
        }
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Map<String, Integer> ranks = new LinkedHashMap<>();
        adapter.layers().forEach((path, layer) -> {
            if (layer.gate() instanceof Lambdas lambdas && lambdas.count() > 0) {
                ranks.put(path, lambdas.count());
                weights.put(path + "." + LoraSite.A, lambdas.intoA(layer.a().value()));
                weights.put(path + "." + LoraSite.B, lambdas.ofB(layer.b().value()));
            }
        });
        adapter.saved().forEach((path, parameter) -> weights.put(path, parameter.value().copy()));
        LoraConfig config = adapter.config();
        float factor = config.scaling(config.rankOf(""), config.alpha());
        LoraConfig plain = config.toBuilder().scaling(Scaling.custom(factor)).alpha(factor * config.rank()).build()
                .withRanks(ranks);
        adapter.detach();
        return new LoraWeights(LoraPlan.of(adapter.model(), plain), weights).attach();
    }

    /** The adapters of parts of layers as adapters of whole layers. */
    private static LoraWeights whole(LoraAdapter adapter) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(adapter.weights().tensors());
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        adapter.layers().forEach((path, layer) -> {
            int rank = layer.site().parts() * layer.rank();
            ranks.put(path, rank);
            alphas.put(PathPatterns.patternOf(path), layer.scaling() * (double) rank);
            try (Tape tape = Tape.inference(Compute.shared(), new Workspace())) {
                tensors.put(path + "." + layer.site().nameOfB(), layer.wideB(tape).value().copy());
            }
        });
        LoraConfig config = adapter.config().withRanks(ranks);
        return new LoraWeights(LoraPlan.of(adapter.model(), config.toBuilder().scaling(Scaling.LORA)
                .patterns(config.rankPattern(), alphas).build()), tensors);
    }
}
