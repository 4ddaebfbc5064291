package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adapters of other kinds as plain LoRA: A and B beside W as it is. */
final class PlainLora {
    private PlainLora() {}

    /** Where the start of B·A was taken out of W: A' = [A; A₀], B' = [B, -B₀], of twice the rank and the same scale. */
    static LoraWeights onTheWholeBase(LoraWeights weights) {
        LoraPlan plan = weights.plan();
        Map<String, Factors> starts = plan.takenOut();
        Map<String, Tensor> plain = new LinkedHashMap<>(weights.tensors());
        for (LoraSite site : plan.sites()) {
            Factors start = starts.get(site.path());
            Factors both = start == null ? weights.factors(site).padded(2 * site.rank())
                    : weights.factors(site).plus(new Factors(start.a(), negative(start.b())));
            plain.put(site.path() + "." + site.nameOfA(), both.a());
            plain.put(site.path() + "." + site.nameOfB(), both.b());
        }
        return new LoraWeights(plan.with(twiceTheRank(plan.config())), plain);
    }

    private static Tensor negative(Tensor x) {
        Tensor result = Tensor.zeros(x.shape());
        Elementwise.scale(x, -1, result);
        return result;
    }

    private static LoraConfig twiceTheRank(LoraConfig config) {
        double growth = config.scaling() instanceof Scaling.AlphaOverRoot ? Math.sqrt(2) : 2;
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        config.rankPattern().forEach((pattern, rank) -> ranks.put(pattern, 2 * rank));
        config.alphaPattern().forEach((pattern, alpha) -> alphas.put(pattern, growth * alpha));
        return config.toBuilder().rank(2 * config.rank()).alpha(growth * config.alpha()).patterns(ranks, alphas)
                .initialization(Initialization.KAIMING).build();
    }

    /** AdaLoRA's λ multiplied into A; modules have ranks of their own, and no adapter where nothing is left. */
    static LoraWeights withoutLambdas(LoraWeights weights) {
        LoraPlan plan = weights.plan();
        Map<String, Tensor> plain = new LinkedHashMap<>();
        Map<String, Integer> ranks = new LinkedHashMap<>();
        for (LoraSite site : plan.sites()) {
            Lambdas lambdas = new Lambdas(new Parameter(weights.tensor(site.path() + "." + LoraSite.ADA_E)));
            if (lambdas.count() > 0) {
                Factors factors = weights.factors(site);
                ranks.put(site.path(), lambdas.count());
                plain.put(site.path() + "." + LoraSite.A, lambdas.intoA(factors.a()));
                plain.put(site.path() + "." + LoraSite.B, lambdas.ofB(factors.b()));
            }
        }
        plan.saved().keySet().forEach(path -> plain.put(path, weights.tensor(path)));
        LoraConfig config = plan.config();
        float factor = config.scaling(config.rankOf(""), config.alpha());
        return new LoraWeights(plan.with(config.withRanks(ranks).toBuilder()
                .scaling(Scaling.custom(factor)).alpha(factor * config.rank()).build()), plain);
    }

    /** Adapters of parts of layers with their ranks added up. */
    static LoraWeights ofWholeLayers(LoraWeights weights) {
        LoraPlan plan = weights.plan();
        Map<String, Tensor> plain = new LinkedHashMap<>(weights.tensors());
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        plan.layers(weights.tensors()).forEach((path, layer) -> {
            int rank = layer.site().parts() * layer.rank();
            ranks.put(path, rank);
            alphas.put(PathPatterns.patternOf(path), layer.scaling() * (double) rank);
            try (Tape tape = Tape.inference(plan.compute(), new Workspace())) {
                plain.put(path + "." + layer.site().nameOfB(), layer.wideB(tape).value().copy());
            }
        });
        LoraConfig config = plan.config().withRanks(ranks);
        return new LoraWeights(plan.with(config.toBuilder().scaling(Scaling.LORA)
                .patterns(config.rankPattern(), alphas).build()), plain);
    }
}
