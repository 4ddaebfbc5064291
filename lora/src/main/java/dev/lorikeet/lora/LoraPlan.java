package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a configuration means for a model, before anything is changed or allocated: which layers get adapters of which
 * rank, and which modules are trained whole.
 */
public final class LoraPlan {
    /**
     * A layer that gets an adapter.
     *
     * @param path of the layer in the model
     * @param scaling s, the factor on B·A
     */
    public record Site(String path, Linear linear, int rank, double alpha, float scaling) {}

    private final Module model;
    private final LoraConfig config;
    private final List<Site> sites;
    private final Map<String, Parameter> saved;

    private LoraPlan(Module model, LoraConfig config, List<Site> sites, Map<String, Parameter> saved) {
        this.model = model;
        this.config = config;
        this.sites = sites;
        this.saved = saved;
    }

    /**
     * Resolves {@code config} as PEFT does: what is excluded or saved whole gets no adapter, a name among several may
     * match nothing.
     *
     * @throws InputException if no layer gets an adapter, a target is not a linear layer, a block does not exist, or a
     *     rank is beyond what a tensor can hold
     */
    public static LoraPlan of(Module model, LoraConfig config) {
        TargetMatcher matcher = new TargetMatcher(config);
        List<Site> sites = matcher.targets(model.namedModules()).entrySet().stream().map(target -> {
            String path = target.getKey();
            int rank = config.rankOf(path);
            requireFits(path, target.getValue(), rank);
            double alpha = config.alphaOf(path);
            return new Site(path, target.getValue(), rank, alpha, config.scaling(rank, alpha));
        }).toList();
        Map<String, Parameter> saved = new LinkedHashMap<>(model.namedParameters());
        saved.keySet().removeIf(path -> !config.savesWhole(path));
        return new LoraPlan(model, config, sites, saved);
    }

    private static void requireFits(String path, Linear linear, int rank) {
        if ((long) rank * Math.max(linear.inFeatures(), linear.outFeatures()) > Integer.MAX_VALUE) {
            throw new InputException("rank (r): " + rank + " is too large for " + path + ", which has "
                    + linear.inFeatures() + " inputs and " + linear.outFeatures() + " outputs");
        }
    }

    /** The layers that get adapters, in the model's order. */
    public List<Site> sites() {
        return sites;
    }

    /** The parameters of the modules that are trained whole, by path. */
    public Map<String, Parameter> saved() {
        return saved;
    }

    /**
     * Attaches new adapters, their parameters trainable.
     *
     * @throws IllegalStateException if a layer has an adapter already
     */
    LoraAdapter attach(long seed) {
        Map<String, LoraLayer> layers = layers(site -> {
            Tensor a = Tensor.zeros(site.rank(), site.linear().inFeatures());
            Tensor b = Tensor.zeros(site.linear().outFeatures(), site.rank());
            config.initialization().fill(a, b, Random.key(seed, site.path()));
            return new LoraLayer(site, config.dropout(), a, b);
        });
        LoraAdapter adapter = LoraAdapter.install(model, config, layers, saved);
        adapter.unfreeze();
        return adapter;
    }

    /**
     * Attaches adapters with given weights, their parameters frozen.
     *
     * @param weights by path: {@code <site>.lora_A.weight} (r, in) and {@code <site>.lora_B.weight} (out, r) of every
     *     site, and every parameter of {@link #saved()}; checked by the caller
     * @throws IllegalStateException if a layer has an adapter already
     */
    public LoraAdapter attach(Map<String, Tensor> weights) {
        Map<String, LoraLayer> layers = layers(site -> new LoraLayer(site, config.dropout(),
                given(weights, site.path() + ".lora_A.weight"), given(weights, site.path() + ".lora_B.weight")));
        LoraAdapter adapter = LoraAdapter.install(model, config, layers, saved);
        saved.forEach((path, parameter) -> parameter.value().set(given(weights, path)));
        adapter.freeze();
        return adapter;
    }

    private static Tensor given(Map<String, Tensor> weights, String path) {
        Tensor tensor = weights.get(path);
        if (tensor == null) {
            throw new IllegalArgumentException("lora: no weight " + path);
        }
        return tensor;
    }

    private Map<String, LoraLayer> layers(Function<Site, LoraLayer> make) {
        return sites.stream()
                .collect(Collectors.toMap(Site::path, make, (x, y) -> x, LinkedHashMap::new));
    }
}
