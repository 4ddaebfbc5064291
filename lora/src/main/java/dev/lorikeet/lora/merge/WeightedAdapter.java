package dev.lorikeet.lora.merge;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.LoraPlan;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One of several adapters on a model, and with which weight it counts.
 *
 * @param weight any finite number; a negative one takes the adapter away
 */
public record WeightedAdapter(LoraWeights adapter, double weight) {
    /**
     * @throws InputException if the weight is not finite, or the adapter has what has no weighted sum: DoRA's
     *     magnitudes, biases, modules trained whole, single rows
     */
    public WeightedAdapter {
        if (!Double.isFinite(weight)) {
            throw new InputException("combination: a weight must be a finite number, not " + weight);
        }
        LoraPlan plan = adapter.plan();
        LoraConfig config = plan.config();
        require(config.adaLora() == null, "AdaLoRA's lambdas (Lora.toPlain makes it one without)");
        require(config.fused().isEmpty(), "adapters of parts of a layer (fused)");
        require(!config.dora(), "DoRA (use_dora)");
        require(config.bias() == Bias.NONE, "biases of the base (bias)");
        require(!config.loraBias(), "biases of its own (lora_bias)");
        require(config.trainableTokens().isEmpty(), "rows of embeddings (trainable_token_indices)");
        require(plan.saved().isEmpty(),
                "modules trained whole (modules_to_save), " + Shown.names(plan.saved().keySet()));
    }

    private static void require(boolean absent, String what) {
        if (!absent) {
            throw new InputException("combination: an adapter has " + what + ", of which there is no weighted sum");
        }
    }

    /**
     * One adapter of several, with the scale 1: alpha is the rank. Adapters for which a base was changed are converted
     * first, since there is one base for all. A single adapter is only weighted: there is nothing that its entries
     * could disturb, so nothing is pruned.
     *
     * @param adapters at least one, all for one model
     * @throws InputException if the ranks do not fit the combination, or a number is beyond what float32 can hold
     * @throws IllegalArgumentException if there is none, or they are for different models
     */
    public static LoraWeights combine(Combination combination, List<WeightedAdapter> adapters) {
        if (adapters.stream().map(each -> each.adapter.plan().model()).distinct().count() != 1) {
            throw new IllegalArgumentException("combination: adapters for one model are expected");
        }
        List<WeightedAdapter> plain = adapters.stream()
                .map(each -> new WeightedAdapter(each.adapter.toPlain(), each.weight)).toList();
        boolean cut = combination instanceof Combination.Decomposition decomposition && decomposition.rank() > 0;
        Combination chosen = plain.size() > 1 || cut ? combination
                : new Combination.Factorwise(TaskArithmetic.linear());
        int rank = chosen.rank(plain.stream().map(WeightedAdapter::rank).toList());
        Map<String, List<Addend>> updates = updates(plain);
        LoraPlan plan = plan(plain, updates.keySet(), rank);
        Map<String, Factors> combined = new LinkedHashMap<>();
        updates.forEach((path, ofLayer) -> {
            Factors factors = chosen.combine(plan.compute(), ofLayer, rank, Random.key(0, path));
            requireFinite(path, factors.a());
            requireFinite(path, factors.b());
            combined.put(path, factors);
        });
        return LoraWeights.of(plan, combined);
    }

    /** The largest rank of a layer. */
    private int rank() {
        return adapter.plan().sites().stream().mapToInt(LoraSite::rank).max().orElseThrow();
    }

    private static Map<String, List<Addend>> updates(List<WeightedAdapter> adapters) {
        Map<String, List<Addend>> updates = new LinkedHashMap<>();
        for (WeightedAdapter each : adapters) {
            for (LoraSite site : each.adapter.plan().sites()) {
                updates.computeIfAbsent(site.path(), _ -> new ArrayList<>())
                        .add(new Addend(each.adapter.factors(site), site.scaling(), each.weight));
            }
        }
        return updates;
    }

    /** Where each adapter goes, in PEFT's way if that means exactly those layers, else by their paths. */
    private static LoraPlan plan(List<WeightedAdapter> adapters, Set<String> paths, int rank) {
        List<LoraConfig> configs = adapters.stream().map(each -> each.adapter.plan().config()).toList();
        LoraConfigBuilder builder = configs.getFirst().toBuilder().rank(rank).alpha(rank).scaling(Scaling.LORA)
                .patterns(Map.of(), Map.of()).initialization(Initialization.KAIMING);
        Set<String> names = new LinkedHashSet<>();
        for (LoraConfig config : configs) {
            names.addAll(config.targets() instanceof ModuleSelection.Names some ? some.names() : List.of(""));
        }
        if (!names.contains("")) {
            LoraPlan union = LoraPlan.of(model(adapters), builder.targets(new ModuleSelection.Names(List.copyOf(names)))
                    .build());
            if (union.sites().stream().map(LoraSite::path).toList().containsAll(paths)
                    && union.sites().size() == paths.size()) {
                return union;
            }
        }
        return LoraPlan.of(model(adapters), builder.onlyTargets(List.copyOf(paths)).build());
    }

    private static Module model(List<WeightedAdapter> adapters) {
        return adapters.getFirst().adapter.plan().model();
    }

    private static void requireFinite(String path, Tensor tensor) {
        int wrong = Reductions.firstNotFinite(tensor);
        if (wrong >= 0) {
            throw new InputException("combination: " + path + ": a factor would have the element "
                    + tensor.data()[wrong]);
        }
    }
}
