package dev.lorikeet.lora;

import static dev.lorikeet.lora.FieldRules.isSet;
import static dev.lorikeet.lora.FieldRules.isUsual;
import static dev.lorikeet.lora.FieldRules.require;
import static dev.lorikeet.lora.FieldRules.requireAlpha;
import static dev.lorikeet.lora.FieldRules.requireExpression;
import static dev.lorikeet.lora.FieldRules.requireRank;

import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.io.InputException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where adapters go and what they are. PEFT's names stand in brackets; the defaults are PEFT's.
 *
 * @param rank r of A (r, in) and B (out, r) [r]: 8 on a 384 × 384 layer trains 2·8·384 = 6,144 numbers, not 147,456
 * @param alpha α, the numerator of the factor on B·A [lora_alpha]: 16 with rank 8 doubles B·A under LoRA
 * @param scaling the factor [use_rslora]: α 16, rank 64 is 16/64 = 0.25 for LoRA and 16/√64 = 2 for rsLoRA
 * @param dropout the share of the adapter's input that is zeroed in training [lora_dropout]: 0.1 keeps 90 %,
 *     divided by 0.9
 * @param targets the layers that get an adapter [target_modules]: {@code query} is one layer in each block, 6 in MiniLM
 * @param excludes modules that get none although they are targets [exclude_modules]: {@code pooler.dense} with the
 *     target {@code dense}
 * @param layersToTransform the blocks that get adapters, all if empty [layers_to_transform]: [4, 5] is the last two of
 *     six
 * @param layersPattern the names after which the block's number stands, any if empty [layers_pattern]: {@code layer} in
 *     {@code encoder.layer.3.output.dense}
 * @param rankPattern ranks by regular expression for the end of a path, the first that fits [rank_pattern]:
 *     {@code layer.0.attention.self.query} to 2
 * @param alphaPattern the same for α [alpha_pattern]: {@code value} to 7
 * @param initialization A and B before training [init_lora_weights, eva_config]: {@link Initialization#KAIMING} draws A
 *     from ±1/√384 = ±0.051
 * @param modulesToSave modules trained whole, in a copy of their own, by the letters that their paths end in
 *     [modules_to_save]: {@code classifier}; the heads of the task are added, as PEFT does
 * @param bias biases of the base that are trained [bias]: {@link Bias#LORA_ONLY} with {@code query} as target trains
 *     6·384 more numbers in MiniLM
 * @param loraBias whether B has a bias of its own, scaled with it [lora_bias]: 384 more numbers for each layer
 * @param dora whether the size of each output's weights is trained apart from their direction [use_dora]: 384 more
 *     numbers for each layer (Liu et al. 2024, equation 5)
 * @param trainableTokens rows of embeddings that are trained by themselves, by the ends of their paths or
 *     {@link #INPUT_EMBEDDING} [trainable_token_indices]: {@code word_embeddings} to [5, 9] trains 2·384 numbers
 * @param fused which of the equal parts of a fused projection get an adapter of their own, by the ends of their paths;
 *     loralib's {@code enable_lora}, for which PEFT has no field: {@code c_attn} to [true, false, true] adapts GPT-2's
 *     queries and values and leaves its keys alone
 * @param adaLora how ranks are found while training, or null where they are what {@code rank} and {@code rankPattern}
 *     say [peft_type ADALORA]: each layer begins with {@link AdaLora#initialRank}, α is divided by that + 1e-5 for all
 *     time, and α 0 stands for that rank; 32 with 12 is 2.67
 * @param taskType what the model is for [task_type], or null: {@link TaskType#SEQ_CLS} adds {@code classifier} and
 *     {@code score} to {@code modulesToSave}
 */
public record LoraConfig(int rank, double alpha, Scaling scaling, double dropout, ModuleSelection targets,
        @Nullable ModuleSelection excludes, List<Integer> layersToTransform, List<String> layersPattern,
        Map<String, Integer> rankPattern, Map<String, Double> alphaPattern, Initialization initialization,
        List<String> modulesToSave, Bias bias, boolean loraBias, boolean dora,
        Map<String, List<Integer>> trainableTokens, Map<String, List<Boolean>> fused,
        @Nullable AdaLora adaLora, @Nullable TaskType taskType) {
    /** In {@link #trainableTokens}: the embedding of the input's tokens, whatever its path. */
    public static final String INPUT_EMBEDDING = "";

    private static final Logger LOG = System.getLogger(LoraConfig.class.getName());

    /** @throws InputException if a value is out of its range, or two contradict each other */
    public LoraConfig {
        layersToTransform = List.copyOf(layersToTransform);
        layersPattern = List.copyOf(layersPattern);
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        Set<String> saved = new LinkedHashSet<>(modulesToSave);
        saved.addAll(taskType == null ? List.of() : taskType.heads());
        modulesToSave = List.copyOf(saved);
        requireRank("rank (r)", rank, initialization);
        if (adaLora == null) {
            requireAlpha("alpha (lora_alpha)", alpha);
        } else {
            require(Math.abs(alpha) <= Float.MAX_VALUE, "alpha (lora_alpha)", "must be a number, not " + alpha);
            require(!dora, "dora (use_dora)", "does not go with adaLora");
            require(!loraBias, "loraBias (lora_bias)", "does not go with adaLora");
            require(trainableTokens.isEmpty(), "trainableTokens (trainable_token_indices)",
                    "do not go with adaLora");
            require(rankPattern.isEmpty() && alphaPattern.isEmpty(), "rankPattern, alphaPattern",
                    "do not go with adaLora, which finds ranks and has one factor");
            require(isUsual(initialization), "initialization (init_lora_weights)",
                    "AdaLoRA has its own, not " + initialization);
        }
        require(dropout >= 0 && dropout < 1, "dropout (lora_dropout)", "must be in [0, 1), not " + dropout);
        if (targets instanceof ModuleSelection.Names names) {
            require(!names.names().isEmpty(), "targets (target_modules)", "at least one is expected");
            require(!names.names().contains(""), "targets (target_modules)", "a name is empty");
        }
        require(!(excludes instanceof ModuleSelection.AllLinear), "excludes (exclude_modules)",
                "all-linear would leave nothing");
        require(layersToTransform.isEmpty() || targets instanceof ModuleSelection.Names,
                "layersToTransform (layers_to_transform)", "needs targets given as a list of names");
        require(layersPattern.isEmpty() || !layersToTransform.isEmpty(), "layersPattern (layers_pattern)",
                "needs layersToTransform (layers_to_transform) beside it");
        layersPattern.forEach(
                regex -> requireExpression("layersPattern (layers_pattern)", regex, PathExpression::ofBlock));
        for (Map.Entry<String, Integer> entry : rankPattern.entrySet()) {
            requireExpression("rankPattern (rank_pattern)", entry.getKey(), PathExpression::ofEnd);
            requireRank("rankPattern (rank_pattern)." + entry.getKey(), entry.getValue(), initialization);
        }
        alphaPattern.forEach((regex, value) -> {
            requireExpression("alphaPattern (alpha_pattern)", regex, PathExpression::ofEnd);
            requireAlpha("alphaPattern (alpha_pattern)." + regex, value);
        });
        Map<String, List<Integer>> tokens = new LinkedHashMap<>();
        trainableTokens.forEach((name, indices) -> {
            require(!indices.isEmpty() && indices.stream().allMatch(index -> index >= 0) && isSet(indices),
                    "trainableTokens (trainable_token_indices)",
                    "different numbers from 0 on are expected for " + name + ", not " + indices);
            tokens.put(name, List.copyOf(indices));
        });
        trainableTokens = Collections.unmodifiableMap(tokens);
        require(!loraBias || !dora, "loraBias (lora_bias)", "does not go with dora (use_dora)");
        require(!loraBias || isUsual(initialization), "loraBias (lora_bias)",
                "does not go with the initialization " + initialization);
        require(trainableTokens.size() < 2 || !trainableTokens.containsKey(INPUT_EMBEDDING),
                "trainableTokens (trainable_token_indices)", "the input's embedding goes with no other one");
        Map<String, List<Boolean>> parts = new LinkedHashMap<>();
        fused.forEach((name, enabled) -> {
            require(enabled.contains(true), "fused", "no part of " + name + " is enabled in " + enabled);
            parts.put(name, List.copyOf(enabled));
        });
        fused = Collections.unmodifiableMap(parts);
        require(fused.isEmpty() || !loraBias, "fused", "does not go with loraBias (lora_bias)");
        require(fused.isEmpty() || isUsual(initialization), "fused",
                "does not go with the initialization " + initialization);
        require(!dora || initialization.trainsB(), "dora (use_dora)",
                "does not go with the initialization " + initialization);
        require(fused.isEmpty() || adaLora == null, "fused", "does not go with adaLora");
        if (scaling == Scaling.RSLORA && initialization == Initialization.GAUSSIAN) {
            LOG.log(Level.WARNING,
                    "rsLoRA keeps outputs and gradients at one size for A of one size at every rank; the "
                            + "Gaussian initialization has the deviation 1/r, so that it does not hold with it");
        }
    }

    /**
     * The factor on B·A: the one place where it is computed. Under AdaLoRA it is PEFT's α/(r + 1e-5), with the initial
     * rank whatever is left of it, or with another {@link Scaling} what that says: α/√r for rsLoRA's.
     *
     * @param rank of the module, after patterns; AdaLoRA's initial rank
     * @param alpha of the module, after patterns
     */
    public float scaling(int rank, double alpha) {
        if (adaLora == null) {
            return (float) scaling.of(rank, alpha);
        }
        double positive = alpha > 0 ? alpha : rank;
        return (float) (scaling == Scaling.LORA ? positive / (rank + 1e-5) : scaling.of(rank, positive));
    }

    /**
     * The rank of the module at {@code path} before training: that of the first pattern that fits, or {@link #rank()},
     * or AdaLoRA's initial rank.
     */
    public int rankOf(String path) {
        return adaLora != null ? adaLora.initialRank() : PathPatterns.firstMatch(rankPattern, path, rank);
    }

    /** The α of the module at {@code path}: that of the first pattern that fits, or {@link #alpha()}. */
    public double alphaOf(String path) {
        return PathPatterns.firstMatch(alphaPattern, path, alpha);
    }

    /** Whether the module at {@code path} is saved whole, or is part of one that is; see {@link SavedModules}. */
    boolean savesWhole(String path) {
        return modulesToSave.stream().anyMatch(name -> SavedModules.around(path, name) != null);
    }

    /**
     * This with other ranks, for exactly these modules and none besides: what an allocator of ranks found. Any PEFT
     * reads it.
     *
     * @param ranks by the modules' paths; a module of rank 0 gets no adapter
     * @throws InputException if no module has a rank above 0
     */
    public LoraConfig withRanks(Map<String, Integer> ranks) {
        Builder builder = toBuilder();
        builder.rankPattern.clear();
        builder.fused.clear();
        List<String> paths = ranks.keySet().stream().filter(path -> ranks.getOrDefault(path, 0) > 0).toList();
        paths.forEach(path -> builder.rankPattern(PathPatterns.patternOf(path), ranks.getOrDefault(path, 0)));
        return builder.adaLora(null).onlyTargets(paths).build();
    }

    /** A builder that starts from this. */
    public Builder toBuilder() {
        Builder builder = new Builder(scaling).rank(rank).alpha(alpha).dropout(dropout).targets(targets)
                .excludes(excludes).layersToTransform(layersToTransform).layersPattern(layersPattern)
                .patterns(rankPattern, alphaPattern).initialization(initialization)
                .modulesToSave(modulesToSave.toArray(String[]::new)).bias(bias)
                .loraBias(loraBias).dora(dora).adaLora(adaLora).taskType(taskType);
        builder.trainableTokens.putAll(trainableTokens);
        builder.fused.putAll(fused);
        return builder;
    }

    /** A configuration of plain LoRA with PEFT's defaults: rank 8, α 8. */
    public static Builder lora() {
        return new Builder(Scaling.LORA);
    }

    /** As {@link #lora()} with the factor α/√r. */
    public static Builder rslora() {
        return new Builder(Scaling.RSLORA);
    }

    /** Sets what differs from the defaults; see the fields of {@link LoraConfig}. */
    public static final class Builder {
        private Scaling scaling;
        private int rank = 8;
        private double alpha = 8;
        private double dropout;
        private ModuleSelection targets = new ModuleSelection.Names(List.of());
        private @Nullable ModuleSelection excludes;
        private List<Integer> layersToTransform = List.of();
        private List<String> layersPattern = List.of();
        private final Map<String, Integer> rankPattern = new LinkedHashMap<>();
        private final Map<String, Double> alphaPattern = new LinkedHashMap<>();
        private Initialization initialization = Initialization.KAIMING;
        private final List<String> modulesToSave = new ArrayList<>();
        private Bias bias = Bias.NONE;
        private boolean loraBias;
        private boolean dora;
        private final Map<String, List<Integer>> trainableTokens = new LinkedHashMap<>();
        private final Map<String, List<Boolean>> fused = new LinkedHashMap<>();
        private @Nullable AdaLora adaLora;
        private @Nullable TaskType taskType;

        private Builder(Scaling scaling) {
            this.scaling = scaling;
        }

        public Builder rank(int value) {
            rank = value;
            return this;
        }

        public Builder alpha(double value) {
            alpha = value;
            return this;
        }

        public Builder scaling(Scaling value) {
            scaling = value;
            return this;
        }

        public Builder dropout(double value) {
            dropout = value;
            return this;
        }

        /** Names of layers, or {@code all-linear} alone. */
        public Builder targets(String... names) {
            return targets(names.length == 1 && names[0].equals("all-linear") ? new ModuleSelection.AllLinear()
                    : new ModuleSelection.Names(List.of(names)));
        }

        /** A regular expression for the whole path of a layer. */
        public Builder targetPattern(String regex) {
            return targets(new ModuleSelection.Expression(regex));
        }

        public Builder targets(ModuleSelection selection) {
            targets = selection;
            return this;
        }

        public Builder excludes(String... names) {
            return excludes(new ModuleSelection.Names(List.of(names)));
        }

        /** A regular expression for the whole path of a layer. */
        public Builder excludePattern(String regex) {
            return excludes(new ModuleSelection.Expression(regex));
        }

        public Builder excludes(@Nullable ModuleSelection selection) {
            excludes = selection;
            return this;
        }

        /** Exactly the modules at these paths, whatever was targeted or excluded before. */
        public Builder onlyTargets(List<String> paths) {
            return targets(new ModuleSelection.Names(paths)).excludes((ModuleSelection) null)
                    .layersToTransform(List.of()).layersPattern(List.of());
        }

        public Builder layersToTransform(List<Integer> indices) {
            layersToTransform = indices;
            return this;
        }

        public Builder layersPattern(List<String> patterns) {
            layersPattern = patterns;
            return this;
        }

        /** Adds a pattern; those added first win. */
        public Builder rankPattern(String regex, int value) {
            rankPattern.putIfAbsent(regex, value);
            return this;
        }

        /** Adds a pattern; those added first win. */
        public Builder alphaPattern(String regex, double value) {
            alphaPattern.putIfAbsent(regex, value);
            return this;
        }

        /** Puts these patterns in the place of all before. */
        public Builder patterns(Map<String, Integer> ranks, Map<String, Double> alphas) {
            rankPattern.clear();
            rankPattern.putAll(ranks);
            alphaPattern.clear();
            alphaPattern.putAll(alphas);
            return this;
        }

        public Builder initialization(Initialization value) {
            initialization = value;
            return this;
        }

        public Builder modulesToSave(String... names) {
            modulesToSave.addAll(List.of(names));
            return this;
        }

        public Builder bias(Bias value) {
            bias = value;
            return this;
        }

        public Builder loraBias(boolean value) {
            loraBias = value;
            return this;
        }

        public Builder dora(boolean value) {
            dora = value;
            return this;
        }

        /** Adds rows of the embedding whose path ends in {@code name}. */
        public Builder trainableTokens(String name, List<Integer> indices) {
            trainableTokens.put(name, indices);
            return this;
        }

        /** Gives a fused projection an adapter for each part that is enabled. */
        public Builder fused(String name, List<Boolean> enabled) {
            fused.put(name, enabled);
            return this;
        }

        /** Has ranks found while training. */
        public Builder adaLora(@Nullable AdaLora value) {
            adaLora = value;
            return this;
        }

        public Builder taskType(@Nullable TaskType value) {
            taskType = value;
            return this;
        }

        /** @throws InputException if a value is out of its range, or two contradict each other */
        public LoraConfig build() {
            return new LoraConfig(rank, alpha, scaling, dropout, targets, excludes, layersToTransform, layersPattern,
                    rankPattern, alphaPattern, initialization, modulesToSave, bias, loraBias, dora, trainableTokens,
                    fused, adaLora, taskType);
        }
    }
}
