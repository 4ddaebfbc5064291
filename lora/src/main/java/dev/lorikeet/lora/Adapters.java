package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The adapters of one name or of several at once, by the modules they are for.
 *
 * @param names as messages have them
 * @param layers that add to what a layer or a table gives
 * @param whole layers that stand in for the model's own, trained whole
 * @param tokens single rows of tables
 */
record Adapters(List<String> names, Map<Module, List<LoraLayer>> layers, Map<Module, Linear> whole,
        Map<Module, TrainableTokens> tokens) implements Active {
    static final Adapters NONE = new Adapters(List.of(), Map.of(), Map.of(), Map.of());

    /** @throws InputException if it trains what only one adapter at a time can change */
    static Adapters of(String name, LoraWeights given) {
        // All have the base as it is; what only computes otherwise may go on doing so.
        LoraWeights weights = given.plan().config().initialization().changesBase() ? given.toPlain() : given;
        LoraPlan plan = weights.plan();
        if (plan.config().bias() != Bias.NONE) {
            throw new InputException(
                    "adapter set: the adapter " + name + " trains biases of the base (bias), which all "
                            + "adapters share");
        }
        Map<Module, List<LoraLayer>> layers = new IdentityHashMap<>();
        plan.layers(weights.tensors()).values().forEach(layer -> layers.put(layer.site().module(), List.of(layer)));
        Map<Module, TrainableTokens> tokens = new IdentityHashMap<>();
        plan.tokens(weights.tensors()).values().forEach(rows -> tokens.put(rows.embedding(), rows));
        return new Adapters(List.of(name), layers, whole(name, weights), tokens);
    }

    private static Map<Module, Linear> whole(String name, LoraWeights weights) {
        LoraPlan plan = weights.plan();
        Set<String> paths = new LinkedHashSet<>();
        plan.saved().keySet().forEach(path -> paths.add(path.substring(0, Math.max(0, path.lastIndexOf('.')))));
        Map<Module, Linear> whole = new IdentityHashMap<>();
        for (String path : paths) {
            if (!(plan.model().find(path) instanceof Linear linear)) {
                throw new InputException("adapter set: the adapter " + name + " has trained " + path
                        + " whole (modules_to_save), and only linear layers can be exchanged");
            }
            whole.put(linear, linear.with(plan.compute(), weights.tensor(path + ".weight"),
                    linear.bias() == null ? null : weights.tensor(path + ".bias")));
        }
        return whole;
    }

    /** These and {@code more} at once. */
    Adapters and(Adapters more) {
        if (this == NONE) {
            return more;
        }
        requireSums();
        more.requireSums();
        List<String> all = new ArrayList<>(names);
        all.addAll(more.names);
        Map<Module, List<LoraLayer>> sums = new IdentityHashMap<>(layers);
        more.layers.forEach((module, added) -> sums.merge(module, added, (x, y) -> {
            List<LoraLayer> both = new ArrayList<>(x);
            both.addAll(y);
            return both;
        }));
        return new Adapters(all, sums, Map.of(), Map.of());
    }

    private void requireSums() {
        boolean sums = layers.values().stream().flatMap(List::stream).noneMatch(
                layer -> layer.isDora() || layer instanceof LoraLinear linear && !linear.isPlain());
        if (!sums || !whole.isEmpty() || !tokens.isEmpty()) {
            throw new InputException(
                    "adapter set: " + String.join(", ", names) + " cannot be used with another adapter "
                            + "at once, since it does more than add B·A: DoRA, biases, modules or rows trained whole");
        }
    }

    /** The layers for {@code module} that add up, or none. */
    List<LoraLayer> at(Module module) {
        return layers.getOrDefault(module, List.of());
    }

    @Override
    public Variable forward(Pass pass, Variable x, Linear base) {
        Tape tape = pass.tape();
        Linear replaced = whole.get(base);
        if (replaced != null) {
            return replaced.forward(pass, x);
        }
        List<LoraLayer> here = at(base);
        if (here.isEmpty()) {
            return base.base(tape, x, null);
        }
        LoraLinear first = (LoraLinear) here.getFirst();
        if (here.size() == 1) {
            return first.forward(pass, x, base);
        }
        Variable z = base.product(tape, x, null);
        for (LoraLayer layer : here) {
            z = ElementOps.add(tape, z, ((LoraLinear) layer).added(tape, x));
        }
        return base.finish(tape, z);
    }

    @Override
    public Variable forward(Pass pass, int[] index, Embedding base) {
        TrainableTokens rows = tokens.get(base);
        if (rows != null) {
            return rows.forward(pass, index, base);
        }
        List<LoraLayer> here = at(base);
        if (here.size() == 1) {
            return ((LoraEmbedding) here.getFirst()).forward(pass, index, base);
        }
        Tape tape = pass.tape();
        Variable sum = base.base(tape, index);
        for (LoraLayer layer : here) {
            sum = ElementOps.add(tape, sum, ((LoraEmbedding) layer).added(tape, index));
        }
        return sum;
    }

    /** Whether a layer adds a low-rank term to what {@code base} gives, and nothing else. */
    boolean onlyAdds(Linear base) {
        return !whole.containsKey(base)
                && at(base).stream().allMatch(layer -> ((LoraLinear) layer).isPlain());
    }
}
