package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Adapter;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.linalg.Svd;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Batch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Attaches adapters initialized by EVA (Paischer et al. 2024, sections 3.2 and 3.3): the rows of A are the directions
 * in which a layer's inputs vary most, and the directions that explain the largest shares, over all layers, get the
 * ranks.
 *
 * <p>Where PEFT follows the directions batch by batch until they hardly change, they are here those of all batches.
 */
public final class Eva {
    /** Power iterations: each makes a wrong direction λ₁/λ₂ times smaller, twice, for inputs with variances λ. */
    private static final int ITERATIONS = 16;

    /** A direction of a layer's inputs, by its place, and which share of their variance it explains. */
    private record Direction(LoraSite site, double share) {}

    private final LoraConfig config;
    private final EvaInitialization eva;
    private final List<LoraSite> sites;
    /** Those of each layer; layers with the same input have the same one. */
    private final Map<String, InputCovariance> inputs = new LinkedHashMap<>();

    private Eva(LoraConfig config, EvaInitialization eva, List<LoraSite> sites) {
        this.config = config;
        this.eva = eva;
        this.sites = sites;
    }

    /**
     * As {@link Lora#attach}, for a configuration with {@link EvaInitialization}. The adapter's own configuration has
     * the ranks that came out: layers that got none have no adapter. Embeddings start as always and keep their rank.
     *
     * @param batches what the model will be trained on, or enough of it: every token counts
     * @param forward runs the model on a batch
     * @throws InputException if the configuration does not fit the model or is none of EVA, a layer got fewer tokens
     *     than directions are asked of it, or its inputs are all the same
     * @throws IllegalStateException if a targeted layer has an adapter already
     */
    public static LoraAdapter attach(Module model, LoraConfig given, Iterable<Batch> batches,
            BiConsumer<Tape, Batch> forward, long seed) {
        if (!(given.initialization() instanceof EvaInitialization initialization)) {
            throw new InputException("initialization (init_lora_weights): eva is expected, not "
                    + given.initialization());
        }
        LoraConfig config = ReachedTargets.of(model, given);
        LoraPlan before = LoraPlan.of(model, config);
        List<LoraSite> sites = before.sites();
        Eva eva = new Eva(config, initialization, sites.stream().filter(site -> !site.isEmbedding()).toList());
        eva.watch(before.compute(), batches, forward);
        Map<String, Svd> directions = eva.directions();
        Map<String, Integer> ranks = eva.ranks(directions);
        LoraPlan plan = LoraPlan.of(model, eva.redistributed(sites, ranks));
        Map<String, Factors> starts = new LinkedHashMap<>();
        for (LoraSite site : plan.sites()) {
            Svd svd = directions.get(site.path());
            if (svd != null) {
                starts.put(site.path(),
                        new Factors(eva.a(svd, site.rank()), Tensor.zeros(site.outputs(), site.rank())));
            }
        }
        return plan.attach(seed, starts);
    }

    /** Runs the model with a watcher in the seam of every layer. */
    private void watch(Compute compute, Iterable<Batch> batches, BiConsumer<Tape, Batch> forward) {
        for (LoraSite site : sites) {
            if (((Linear) site.module()).adapter() != null) {
                throw new IllegalStateException("lora: " + site.path() + " has an adapter already, detach that first");
            }
        }
        Map<Variable, InputCovariance> seen = new IdentityHashMap<>();
        try {
            sites.forEach(site -> ((Linear) site.module()).adapter(watcher(site, seen)));
            Workspace workspace = new Workspace();
            for (Batch batch : batches) {
                seen.clear();
                try (Tape tape = Tape.inference(compute, workspace)) {
                    forward.accept(tape, batch);
                }
            }
        } finally {
            sites.forEach(site -> ((Linear) site.module()).adapter(null));
        }
    }

    /**
     * @param seen the inputs of this batch that a layer has added already: queries, keys and values have one in common
     */
    private Adapter watcher(LoraSite site, Map<Variable, InputCovariance> seen) {
        return new Adapter() {
            @Override
            public Variable forward(Pass pass, Variable x, Linear base) {
                InputCovariance own = inputs.computeIfAbsent(site.path(),
                        _ -> seen.getOrDefault(x, new InputCovariance(site.inputs())));
                if (seen.putIfAbsent(x, own) == null) {
                    own.add(pass.tape().compute(), x.value());
                }
                return base.base(pass.tape(), x, null);
            }
        };
    }

    /** The most directions that each layer may get, with their variances, by its path. */
    private Map<String, Svd> directions() {
        Map<InputCovariance, Integer> counts = new IdentityHashMap<>();
        for (LoraSite site : sites) {
            InputCovariance covariance = inputs.get(site.path());
            int most = (int) Math.min(site.inputs(), Math.rint(site.rank() * eva.rho()));
            if (covariance == null || covariance.count() <= most) {
                throw new InputException("eva: " + site.path() + " got " + (covariance == null ? 0 : covariance.count())
                        + " tokens, more than " + most + " are needed for as many directions");
            }
            counts.merge(covariance, most, Math::max);
        }
        Map<InputCovariance, Svd> decomposed = new IdentityHashMap<>();
        Map<String, Svd> directions = new LinkedHashMap<>();
        for (LoraSite site : sites) {
            InputCovariance covariance = Objects.requireNonNull(inputs.get(site.path()));
            directions.put(site.path(), decomposed.computeIfAbsent(covariance, key -> Svd.leading(key.matrix(),
                    Objects.requireNonNull(counts.get(key)), ITERATIONS, Random.key(0, site.path()))));
        }
        return directions;
    }

    /** As many directions as there were ranks: those that explain most. */
    private Map<String, Integer> ranks(Map<String, Svd> directions) {
        List<Direction> all = new ArrayList<>();
        Map<String, Integer> ranks = new LinkedHashMap<>();
        int budget = 0;
        for (LoraSite site : sites) {
            Svd svd = Objects.requireNonNull(directions.get(site.path()));
            double variance = trace(Objects.requireNonNull(inputs.get(site.path())).matrix());
            if (!(variance > 0)) {
                throw new InputException("eva: the inputs of " + site.path() + " are all the same");
            }
            for (int k = 0; k < svd.size(); k++) {
                all.add(new Direction(site, svd.value(k) / variance));
            }
            ranks.put(site.path(), 0);
            budget += site.rank();
        }
        all.sort(Comparator.comparingDouble(direction -> -direction.share));
        all.subList(0, Math.min(budget, all.size())).forEach(direction -> ranks.merge(direction.site.path(), 1,
                Integer::sum));
        return ranks;
    }

    private static double trace(Tensor matrix) {
        double sum = 0;
        for (int i = 0; i < matrix.dim(0); i++) {
            sum += matrix.get(i, i);
        }
        return sum;
    }

    /** The configuration with what came out. */
    private LoraConfig redistributed(List<LoraSite> all, Map<String, Integer> ranks) {
        List<String> targets = new ArrayList<>();
        Map<String, Integer> rankPattern = new LinkedHashMap<>();
        Map<String, Double> alphaPattern = new LinkedHashMap<>();
        for (LoraSite site : all) {
            int rank = ranks.getOrDefault(site.path(), site.rank());
            if (rank == 0) {
                continue;
            }
            targets.add(site.path());
            double alpha = eva.adjustScalingFactors() ? site.alpha() * rank / site.rank() : site.alpha();
            String pattern = PathPatterns.patternOf(site.path());
            if (rank != config.rank()) {
                rankPattern.put(pattern, rank);
            }
            if (alpha != config.alpha()) {
                alphaPattern.put(pattern, alpha);
            }
        }
        return config.toBuilder().onlyTargets(targets).patterns(rankPattern, alphaPattern).build();
    }

    /** The first directions as rows. */
    private Tensor a(Svd svd, int rank) {
        Tensor a = svd.right().rows(0, rank).copy();
        for (int k = 0; eva.whiten() && k < rank; k++) {
            // the variance is the square of the singular value of the inputs
            float root = (float) Math.sqrt(Math.sqrt(svd.value(k)));
            for (int j = 0; j < a.dim(1); j++) {
                a.data()[k * a.dim(1) + j] /= root;
            }
        }
        return a;
    }
}
