package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration means for a model, before anything is changed or allocated: which layers get adapters of which
 * rank, and what else is trained with them.
 */
public final class LoraPlan {
    private static final String MASKS = "masks (rank_pattern)";

    private final Module model;
    private final LoraConfig config;
    private final List<LoraSite> sites;
    /** The rows of embeddings that are trained, by the embedding's path. */
    private final Map<String, List<Integer>> tokens;
    private final Map<String, Tensor> saved;
    /** Those of {@link #saved} that come with the adapter's files, and are not trained. */
    private final Set<String> brought;
    /** Which of AdaLoRA's triplets are left, by module, or null for all. */
    private final @Nullable Map<String, boolean[]> kept;
    private @Nullable Map<String, Factors> starts;

    private LoraPlan(Module model, LoraConfig config, List<LoraSite> sites, Map<String, List<Integer>> tokens,
            Map<String, Tensor> saved, Set<String> brought, @Nullable Map<String, boolean[]> kept) {
        this.model = model;
        this.config = config;
        this.sites = sites;
        this.tokens = tokens;
        this.saved = saved;
        this.brought = brought;
        this.kept = kept;
    }

    /**
     * Resolves {@code config} as PEFT does: what is excluded or saved whole gets no adapter, a name among several may
     * match nothing.
     *
     * @throws InputException if no layer gets an adapter, a target is of a kind that cannot have one, a block or a
     *     token does not exist, or a rank is beyond what a tensor can hold
     */
    public static LoraPlan of(Module model, LoraConfig config) {
        return of(model, config, null);
    }

    /** As {@link #of(Module, LoraConfig)}, of what of {@code model} PEFT sees as the model, whose head is no target. */
    public static LoraPlan of(TaskModel<?, ?, ?> model, LoraConfig config) {
        return of(model.peftRoot(), Lora.forTask(model, config));
    }

    /**
     * As {@link #of(Module, LoraConfig)}, for an AdaLoRA adapter that has ranks already.
     *
     * @param kept by the modules' paths, which of the initial triplets are left; null for all
     * @throws InputException also if a module has no mask, a mask no module, or one is of another length
     */
    public static LoraPlan of(Module model, LoraConfig config, @Nullable Map<String, boolean[]> kept) {
        TargetMatcher matcher = new TargetMatcher(config);
        Map<String, Module> modules = model.namedModules();
        List<LoraSite> sites = matcher.targets(modules).entrySet().stream().map(target -> {
            String path = target.getKey();
            int rank = config.rankOf(path);
            double alpha = config.alphaOf(path);
            return new LoraSite(path, target.getValue(), kept == null ? rank : left(kept, path, rank), alpha,
                    config.scaling(rank, alpha), config.dora(), config.loraBias(), enabled(config, path),
                    config.adaLora() != null);
        }).toList();
        if (kept != null && kept.size() != sites.size()) {
            Set<String> stray = new LinkedHashSet<>(kept.keySet());
            sites.forEach(site -> stray.remove(site.path()));
            throw new InputException(MASKS + ": " + stray.iterator().next() + " is no module with an adapter");
        }
        Map<String, List<Integer>> tokens = matcher.tokens(modules);
        for (LoraSite site : sites) {
            requireRank(site, config.initialization());
            if (tokens.containsKey(site.path())) {
                throw new InputException("trainableTokens (trainable_token_indices): " + site.path()
                        + " is a target too, its rows cannot be trained by themselves");
            }
        }
        Map<String, Tensor> saved = new LinkedHashMap<>();
        parameters(model).forEach((path, parameter) -> {
            if (config.savesWhole(modulePath(path)) || isTrainedBias(path, config, sites)) {
                saved.put(path, parameter.value());
            }
        });
        return new LoraPlan(model, config, sites, tokens, saved, Set.of(), kept);
    }

    /**
     * This, with parameters whose values come with the adapter and are not trained: tables of a vocabulary that grew.
     */
    public LoraPlan bringing(Set<String> paths) {
        if (paths.isEmpty()) {
            return this;
        }
        Map<String, Tensor> more = new LinkedHashMap<>(saved);
        paths.forEach(path -> more.put(path, at(path, model.namedParameters()).value()));
        return new LoraPlan(model, config, sites, tokens, more, Set.copyOf(paths), kept);
    }

    /** The plan that another configuration makes for the same model, with what comes with the adapter. */
    LoraPlan with(LoraConfig other) {
        return of(model, other).bringing(brought);
    }

    /** The parameters by path, a tied head's table under its own name too. */
    private static Map<String, Parameter> parameters(Module model) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(model.namedParameters());
        model.namedModules().forEach((path, module) -> {
            if (module instanceof TiedHead head) {
                parameters.put(path + "." + head.tableName(), head.table());
            }
        });
        return parameters;
    }

    private static @Nullable List<Boolean> enabled(LoraConfig config, String path) {
        return config.fused().entrySet().stream().filter(entry -> ModuleSelection.Names.isEnd(path, entry.getKey()))
                .map(Map.Entry::getValue).findFirst().orElse(null);
    }

    private static int left(Map<String, boolean[]> kept, String path, int rank) {
        boolean[] mask = kept.get(path);
        if (mask == null || mask.length != rank) {
            throw new InputException(MASKS + ": a mask of initialRank (init_r), " + rank + ", is expected for " + path
                    + (mask == null ? ", there is none" : ", not of " + mask.length));
        }
        return AdaLoraAllocator.count(mask);
    }

    /** Whether A and B of a place come from its weight. */
    private static boolean startsFromWeight(LoraSite site, Initialization initialization) {
        return initialization instanceof WeightInitialization
                && (!site.isEmbedding() || !initialization.changesBase());
    }

    private static void requireRank(LoraSite site, Initialization initialization) {
        int smaller = Math.min(site.inputs(), site.outputs());
        if (startsFromWeight(site, initialization) && site.rank() > smaller) {
            throw new InputException("rank (r): " + site.rank() + " of " + site.path() + " is more than the " + smaller
                    + " singular values of its weight, from which " + initialization + " makes A and B");
        }
    }

    /** The path of the module that the parameter at {@code path} belongs to. */
    static String modulePath(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
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

    /** What computes where no tape says it, for starts that are taken out and merges: the model's, if it has one. */
    public Compute compute() {
        return switch (model) {
            case TaskModel<?, ?, ?> task -> task.compute();
            case Backbone backbone -> backbone.compute();
            default -> Cpu.shared();
        };
    }

    /** The places that get adapters, in the model's order. */
    public List<LoraSite> sites() {
        return sites;
    }

    /** Which of AdaLoRA's triplets are left, by module; null for all. */
    @Nullable
    Map<String, boolean[]> kept() {
        return kept;
    }

    /** What is trained of the base as it is, whole modules and biases, by path: the values that the base has now. */
    public Map<String, Tensor> saved() {
        return saved;
    }

    /** Those of {@link #saved} that are not trained. */
    Set<String> brought() {
        return brought;
    }

    /** The shape of every tensor of the adapter by its path in the model: what {@link LoraWeights} holds. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            site.shapes().forEach((name, shape) -> shapes.put(site.path() + "." + name, shape));
        }
        tokens.forEach((path, indices) -> shapes.put(path + "." + TrainableTokens.ROWS,
                Shape.of(indices.size(), embedding(path).weight().in())));
        saved.forEach((path, value) -> shapes.put(path, value.shape()));
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
        return attach(seed, starts(), _ -> null);
    }

    /** As {@link #attach(long)}, with the gates of linear layers. */
    LoraAdapter attach(long seed, Function<LoraSite, @Nullable Gate> gates) {
        return attach(seed, starts(), gates);
    }

    /** As {@link #attach(long)}, with the A and B of some places given. */
    LoraAdapter attach(long seed, Map<String, Factors> given) {
        return attach(seed, given, _ -> null);
    }

    private LoraAdapter attach(long seed, Map<String, Factors> given, Function<LoraSite, @Nullable Gate> gates) {
        LoraAdapter adapter = new LoraAdapter(new LoraWeights(this, initial(seed, given)), gates);
        adapter.install();
        adapter.unfreeze();
        return adapter;
    }

    /**
     * A and B at the start by the layer's path, where they come from the weight. Computed once, while that is whole: it
     * takes seconds.
     */
    private synchronized Map<String, Factors> starts() {
        Map<String, Factors> known = starts;
        if (known == null) {
            known = config.initialization() instanceof WeightInitialization initialization
                    ? sites.parallelStream().filter(site -> startsFromWeight(site, initialization))
                            .collect(Collectors.toMap(LoraSite::path,
                                    site -> initialization.of(site.weightOutIn(compute()),
                                            site.rank(), site.scaling(), Random.key(0, site.path())),
                                    (x, _) -> x,
                                    LinkedHashMap::new))
                    : Map.of();
            starts = known;
        }
        return known;
    }

    /** The factors of what is taken out of the weights while the adapter is in the model, by the layer's path. */
    Map<String, Factors> takenOut() {
        return config.initialization().changesBase() ? starts() : Map.of();
    }

    /** The weight of a place as it is while the adapter is in the model, which has its own now. */
    public Tensor frozenWeight(LoraSite site) {
        Factors start = takenOut().get(site.path());
        return start == null ? site.weight().value() : site.without(compute(), start);
    }

    /** What there must be at {@code path}. */
    public static <T> T at(String path, Map<String, T> things) {
        return Objects.requireNonNull(things.get(path), path);
    }

    /** @param given A and B of some places */
    private Map<String, Tensor> initial(long seed, Map<String, Factors> given) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            Map<String, Tensor> own = new LinkedHashMap<>();
            site.shapes().forEach((name, shape) -> own.put(name, Tensor.zeros(shape)));
            if (site.lambdas()) {
                fillAdaLora(own, config.initialization() == DrawnInitialization.NONE, Random.key(seed, site.path()));
            } else {
                fill(LoraLayer.given(own, site.nameOfA()), LoraLayer.given(own, site.nameOfB()), site, seed,
                        given.get(site.path()));
            }
            if (site.dora()) {
                boolean whole = takenOut().containsKey(site.path());
                own.put(LoraSite.MAGNITUDE, DoraLengths.of(whole ? site.weight().value()
                        : layer(site, own, null).adapted(compute()), site.layout()));
            }
            own.forEach((name, tensor) -> weights.put(site.path() + "." + name, tensor));
        }
        tokens.forEach((path, indices) -> weights.put(path + "." + TrainableTokens.ROWS,
                TrainableTokens.rowsOf(embedding(path), indices)));
        weights.putAll(saved);
        return weights;
    }

    /**
     * A and B normal with the deviation of both codes, and λ zero, so that nothing has changed yet; or all as PEFT's
     * tests have them.
     */
    private static void fillAdaLora(Map<String, Tensor> weights, boolean forTests, long key) {
        weights.forEach((name, tensor) -> {
            if (forTests || !name.equals(LoraSite.ADA_E)) {
                Random.fillNormal(tensor, forTests ? 1f : 0.02f, Random.key(key, name));
            }
        });
    }

    private void fill(Tensor a, Tensor b, LoraSite site, long seed, @Nullable Factors given) {
        long key = Random.key(seed, site.path());
        if (given != null) {
            a.set(given.a());
            b.set(given.b());
        } else if (site.isEmbedding()) {
            Random.fillNormal(b, 1f, Random.key(key, "lora_B"));
        } else if (config.initialization() instanceof DrawnInitialization drawn) {
            drawn.fill(a, b, key);
        }
    }

    /** The layers with these weights, by path; in no seam yet. */
    Map<String, LoraLayer> layers(Map<String, Tensor> weights) {
        return layers(weights, _ -> null);
    }

    /** As {@link #layers(Map)}, with the gates of linear layers. */
    Map<String, LoraLayer> layers(Map<String, Tensor> weights, Function<LoraSite, @Nullable Gate> gates) {
        Map<String, LoraLayer> layers = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            layers.put(site.path(), layer(site, below(site.path(), weights), gates.apply(site)));
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

    private LoraLayer layer(LoraSite site, Map<String, Tensor> weights, @Nullable Gate gate) {
        if (site.isEmbedding()) {
            return new LoraEmbedding(site, weights);
        }
        return new LoraLinear(site, config.dropout(), site.lambdas()
                ? new Lambdas(new Parameter(LoraLayer.given(weights, LoraSite.ADA_E)))
                : gate, weights);
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
