package dev.lorikeet.lora.merge;

import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.merge.TaskArithmetic.Consensus;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.linalg.Svd;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the updates Σ w_i·s_i·B_i·A_i of several adapters become B·A of one, whose own scale is 1: PEFT's
 * {@code add_weighted_adapter}. Only {@link Concatenation}, and {@link Decomposition} of {@link
 * TaskArithmetic#linear()} with a sufficient rank, are that sum.
 */
public sealed interface Combination {
    /** PEFT's names. */
    List<String> NAMES = List.of("cat", "linear", "svd", "ties", "ties_svd", "dare_linear", "dare_linear_svd",
            "dare_ties",
            "dare_ties_svd", "magnitude_prune", "magnitude_prune_svd");

    /** The factors side by side: exact, and as large as all together. PEFT's {@code cat}. */
    record Concatenation() implements Combination {}

    /**
     * The A by themselves and the B by themselves, each weighted with √|w·s|, where a negative sign goes to A. The
     * product has terms B_i·A_j that no adapter has. PEFT's {@code linear}, {@code ties}, {@code dare_linear}, {@code
     * dare_ties}, {@code magnitude_prune}.
     */
    record Factorwise(TaskArithmetic arithmetic) implements Combination {
        private Factors weighted(List<Addend> updates, long key) {
            equal(updates.stream().map(Addend::rank).toList());
            List<Tensor> a = updates.stream().map(Addend::a).toList();
            List<Tensor> b = updates.stream().map(Addend::b).toList();
            float[] weightsOfA = new float[updates.size()];
            float[] weightsOfB = new float[updates.size()];
            for (int i = 0; i < weightsOfA.length; i++) {
                double factor = updates.get(i).factor();
                weightsOfB[i] = (float) Math.sqrt(Math.abs(factor));
                weightsOfA[i] = factor < 0 ? -weightsOfB[i] : weightsOfB[i];
            }
            return new Factors(arithmetic.apply(a, weightsOfA, Random.key(key, "lora_A")),
                    arithmetic.apply(b, weightsOfB, Random.key(key, "lora_B")));
        }
    }

    /**
     * The updates themselves, then the nearest matrix of a given rank. PEFT's {@code svd}, {@code ties_svd},
     * {@code dare_linear_svd}, {@code dare_ties_svd}, {@code magnitude_prune_svd}.
     *
     * @param rank that of the result, or 0 for the largest of the adapters' [svd_rank]
     */
    record Decomposition(TaskArithmetic arithmetic, int rank) implements Combination {
        /** @throws InputException if the rank is negative */
        public Decomposition {
            if (rank < 0) {
                throw new InputException("rank (svd_rank): must not be negative, but is " + rank);
            }
        }

        private Factors nearest(Compute compute, List<Addend> updates, int most, long key) {
            Svd svd = decompose(compute, updates, key);
            int kept = Math.min(most, svd.size());
            Tensor a = svd.right().rows(0, kept).copy();
            Tensor left = svd.left();
            Tensor b = Tensor.zeros(left.dim(0), kept);
            for (int i = 0; i < b.dim(0); i++) {
                for (int k = 0; k < kept; k++) {
                    b.data()[i * kept + k] = (float) (left.get(i, k) * svd.value(k));
                }
            }
            return new Factors(a, b);
        }

        /** A sum of low-rank updates is decomposed from its factors, which is much faster. */
        private Svd decompose(Compute compute, List<Addend> updates, long key) {
            if (arithmetic.equals(TaskArithmetic.linear())) {
                Factors sum = concatenate(updates);
                return Svd.ofProduct(sum.b(), sum.a());
            }
            float[] weights = new float[updates.size()];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) updates.get(i).weight();
            }
            return Svd
                    .of(arithmetic.apply(updates.stream().map(update -> update.delta(compute)).toList(), weights, key));
        }
    }

    /**
     * The combination by PEFT's name, {@code combination_type}.
     *
     * @param density the share of entries that is kept [density]; null where nothing is pruned
     * @param majoritySign whose sign wins in the forms of {@code ties} [majority_sign_method]
     * @param svdRank of the forms with {@code svd} [svd_rank], or 0
     * @param seed of the forms of {@code dare}
     * @throws InputException if there is no such name, or a value is missing, without effect or out of its range
     */
    static Combination of(String type, @Nullable Double density, Consensus majoritySign, int svdRank, long seed) {
        if (!NAMES.contains(type)) {
            throw new InputException("combination: \"" + type + "\" is not one of " + String.join(", ", NAMES));
        }
        boolean decomposed = type.equals("svd") || type.endsWith("_svd");
        if (svdRank != 0 && !decomposed) {
            throw new InputException("rank (svd_rank): has no effect on " + type);
        }
        if (type.equals("cat")) {
            return new Concatenation();
        }
        String name = type.equals("svd") ? "linear" : type.replaceFirst("_svd$", "");
        boolean pruned = !name.equals("linear");
        if (pruned != (density != null)) {
            throw new InputException("density: " + (pruned ? "is needed by " : "has no effect on ") + type);
        }
        TaskArithmetic arithmetic = density == null ? TaskArithmetic.linear() : switch (name) {
            case "magnitude_prune" -> new TaskArithmetic(new Pruning.Magnitude(density), Consensus.SUM);
            case "ties" -> new TaskArithmetic(new Pruning.Magnitude(density), majoritySign);
            case "dare_linear" -> new TaskArithmetic(new Pruning.AtRandom(density, seed), Consensus.SUM);
            default -> new TaskArithmetic(new Pruning.AtRandom(density, seed), majoritySign);
        };
        return decomposed ? new Decomposition(arithmetic, svdRank) : new Factorwise(arithmetic);
    }

    /**
     * The rank of the combined adapter.
     *
     * @param ranks of the adapters, each the largest of its layers
     * @throws InputException if the combination needs equal ranks and they are not
     */
    default int rank(List<Integer> ranks) {
        return switch (this) {
            case Concatenation _ -> ranks.stream().mapToInt(Integer::intValue).sum();
            case Factorwise _ -> equal(ranks);
            case Decomposition decomposition -> decomposition.rank > 0 ? decomposition.rank
                    : ranks.stream().mapToInt(Integer::intValue).max().orElseThrow();
        };
    }

    private static int equal(List<Integer> ranks) {
        if (ranks.stream().distinct().count() > 1) {
            throw new InputException("combination: factors are added one by one, which needs adapters of one rank, not "
                    + ranks + "; a concatenation or a decomposition does not");
        }
        return ranks.getFirst();
    }

    /**
     * The factors of one layer; the factor on B·A is 1.
     *
     * @param compute for the products of factors
     * @param updates of the adapters that have this layer, at least one, with shapes that fit
     * @param rank of the result: where fewer columns are enough, the rest is zero
     * @param key of the layer's random numbers
     * @throws InputException if the updates' ranks do not allow it
     */
    default Factors combine(Compute compute, List<Addend> updates, int rank, long key) {
        Factors factors = switch (this) {
            case Concatenation _ -> concatenate(updates);
            case Factorwise factorwise -> factorwise.weighted(updates, key);
            case Decomposition decomposition -> decomposition.nearest(compute, updates, rank, key);
        };
        if (factors.a().dim(0) > rank) {
            throw new InputException("combination: rank " + factors.a().dim(0) + " of a layer is more than " + rank);
        }
        return factors.padded(rank);
    }

    private static Factors concatenate(List<Addend> updates) {
        return updates.stream().map(update -> update.factors().times(update.factor())).reduce(Factors::plus)
                .orElseThrow();
    }
}
