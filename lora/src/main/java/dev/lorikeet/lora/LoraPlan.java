package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a configuration means for a model, before anything is changed or allocated: which layers get adapters of which
 * rank, and what else is trained with them.
 */
public final class LoraPlan {
    private final Module model;
    private final LoraConfig config;
    private final List<LoraSite> sites;
    /** The rows of embeddings that are trained, by the embedding's path. */
    private final Map<String, List<Integer>> tokens;
    private final Map<String, Parameter> saved;

    private LoraPlan(Module model, LoraConfig config, List<LoraSite> sites, Map<String, List<Integer>> tokens,
            Map<String, Parameter> saved) {
        this.model = model;
        this.config = config;
        this.sites = sites;
        this.tokens = tokens;
        this.saved = saved;
    }

    /**
     * Resolves {@code config} as PEFT does: what is excluded or saved whole gets no adapter, a name among several may
     * match nothing.
     *
     * @throws InputException if no layer gets an adapter, a target is of a kind that cannot have one, a block or a token
     *     does not exist, or a rank is beyond what a tensor can hold
     */
    public static LoraPlan of(Module model, LoraConfig config) {
        TargetMatcher matcher = new TargetMatcher(config);
        Map<String, Module> modules = model.namedModules();
        List<LoraSite> sites = matcher.targets(modules).entrySet().stream().map(target -> {
            String path = target.getKey();
            int rank = config.rankOf(path);
            double alpha = config.alphaOf(path);
            return new LoraSite(path, target.getValue(), rank, alpha, config.scaling(rank, alpha), config.dora(),
                    config.loraBias());
        }).toList();
        Map<String, List<Integer>> tokens = matcher.tokens(modules);
        for (LoraSite site : sites) {
            if (tokens.containsKey(site.path())) {
                throw new InputException("trainableTokens (trainable_token_indices): " + site.path()
                        + " is a target too, its rows cannot be trained by themselves");
            }
        }
        Map<String, Parameter> saved = new LinkedHashMap<>(model.namedParameters());
        saved.keySet().removeIf(path -> !config.savesWhole(path) && !isTrainedBias(path, config, sites));
        return new LoraPlan(model, config, sites, tokens, saved);
    }

    private static boolean isTrainedBias(String path, LoraConfig config, List<LoraSite> sites) {
        return switch (config.bias()) {
            case NONE -> false;
            case ALL -> path.endsWith(".bias");
            case LORA_ONLY -> sites.stream().anyMatch(site -> path.equals(site.path() + ".bias"));
        };
    }

    public LoraConfig config() {
        return config;
    }

    public Module model() {
        return model;
    }

    /** The places that get adapters, in the model's order. */
    public List<LoraSite> sites() {
        return sites;
    }

    /** The parameters of the base that are trained as they are, by path: whole modules and biases. */
    public Map<String, Parameter> saved() {
        return saved;
    }

    /** The shape of every tensor of the adapter by its path in the model: what {@link LoraWeights} holds. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            site.shapes().forEach((name, shape) -> shapes.put(site.path() + "." + name, shape));
        }
        tokens.forEach((path, indices) -> shapes.put(path + "." + TrainableTokens.ROWS,
                Shape.of(indices.size(), embedding(path).weight().value().dim(1))));
        saved.forEach((path, parameter) -> shapes.put(path, parameter.value().shape()));
        return shapes;
    }

    private Embedding embedding(String path) {
        return (Embedding) Objects.requireNonNull(model.find(path), path);
    }

    /**
     * Attaches new adapters, their parameters trainable.
     *
     * @throws IllegalStateException if a layer has an adapter already
     */
    LoraAdapter attach(long seed) {
        LoraAdapter adapter = new LoraAdapter(new LoraWeights(this, initial(seed)));
        adapter.install();
        adapter.unfreeze();
        return adapter;
    }

    private Map<String, Tensor> initial(long seed) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            Map<String, Tensor> own = new LinkedHashMap<>();
            site.shapes().forEach((name, shape) -> own.put(name, Tensor.zeros(shape)));
            long key = Random.key(seed, site.path());
            if (site.isEmbedding()) {
                Random.fillNormal(LoraLayer.given(own, LoraSite.EMBEDDING_B), 1f, Random.key(key, "lora_B"));
            } else {
                config.initialization().fill(LoraLayer.given(own, LoraSite.A), LoraLayer.given(own, LoraSite.B), key);
            }
            if (site.dora()) {
                own.put(LoraSite.MAGNITUDE, DoraLengths.of(layer(site, own).adapted(), site.layout()));
            }
            own.forEach((name, tensor) -> weights.put(site.path() + "." + name, tensor));
        }
        tokens.forEach((path, indices) -> weights.put(path + "." + TrainableTokens.ROWS,
                TrainableTokens.rowsOf(embedding(path), indices)));
        saved.forEach((path, parameter) -> weights.put(path, parameter.value()));
        return weights;
    }

    /** The layers with these weights, by path; in no seam yet. */
    Map<String, LoraLayer> layers(Map<String, Tensor> weights) {
        Map<String, LoraLayer> layers = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            layers.put(site.path(), layer(site, below(site.path(), weights)));
        }
        return layers;
    }

    /** The trained rows of embeddings, by the embedding's path; in no seam yet. */
    Map<String, TrainableTokens> tokens(Map<String, Tensor> weights) {
        Map<String, TrainableTokens> rows = new LinkedHashMap<>();
        tokens.forEach((path, indices) -> rows.put(path, new TrainableTokens(embedding(path), indices,
                LoraLayer.given(weights, path + "." + TrainableTokens.ROWS))));
        return rows;
    }

    private LoraLayer layer(LoraSite site, Map<String, Tensor> weights) {
        return site.module() instanceof Linear ? new LoraLinear(site, config.dropout(), null, weights)
                : new LoraEmbedding(site, weights);
    }

    private static Map<String, Tensor> below(String path, Map<String, Tensor> weights) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> {
            if (name.startsWith(path + ".")) {
                own.put(name.substring(path.length() + 1), tensor);
            }
        });
        return own;
    }
}
