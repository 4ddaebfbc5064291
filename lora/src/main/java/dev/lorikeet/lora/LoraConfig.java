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

    /** {@code peft_type} of LoRA and rsLoRA. */
    public static final String LORA = "LORA";
    /** {@code peft_type} of AdaLoRA. */
    public static final String ADALORA = "ADALORA";

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

    /** {@code peft_type} of an adapter with this configuration. */
    public String peftType() {
        return adaLora == null ? LORA : ADALORA;
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
        LoraConfigBuilder builder = toBuilder().patterns(Map.of(), alphaPattern).fused(Map.of());
        List<String> paths = ranks.keySet().stream().filter(path -> ranks.getOrDefault(path, 0) > 0).toList();
        paths.forEach(path -> builder.rankPattern(PathPatterns.patternOf(path), ranks.getOrDefault(path, 0)));
        return builder.adaLora(null).onlyTargets(paths).build();
    }

    /** A builder that starts from this. */
    public LoraConfigBuilder toBuilder() {
        LoraConfigBuilder builder = new LoraConfigBuilder(scaling).rank(rank).alpha(alpha).dropout(dropout)
                .targets(targets).excludes(excludes).layersToTransform(layersToTransform)
                .layersPattern(layersPattern).patterns(rankPattern, alphaPattern).initialization(initialization)
                .modulesToSave(modulesToSave.toArray(String[]::new)).bias(bias).loraBias(loraBias).dora(dora)
                .fused(fused).adaLora(adaLora).taskType(taskType);
        trainableTokens.forEach(builder::trainableTokens);
        return builder;
    }

    /** A configuration of plain LoRA with PEFT's defaults: rank 8, α 8. */
    public static LoraConfigBuilder lora() {
        return new LoraConfigBuilder(Scaling.LORA);
    }

    /** As {@link #lora()} with the factor α/√r. */
    public static LoraConfigBuilder rslora() {
        return new LoraConfigBuilder(Scaling.RSLORA);
    }
}
