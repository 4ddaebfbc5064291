package dev.lorikeet.lora;

import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sets what differs from the defaults; see the fields of {@link LoraConfig}, whose {@link LoraConfig#lora},
 * {@link LoraConfig#rslora} and {@link LoraConfig#toBuilder} make one.
 */
public final class LoraConfigBuilder {
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

    LoraConfigBuilder(Scaling scaling) {
        this.scaling = scaling;
    }

    public LoraConfigBuilder rank(int value) {
        rank = value;
        return this;
    }

    public LoraConfigBuilder alpha(double value) {
        alpha = value;
        return this;
    }

    public LoraConfigBuilder scaling(Scaling value) {
        scaling = value;
        return this;
    }

    public LoraConfigBuilder dropout(double value) {
        dropout = value;
        return this;
    }

    /** Names of layers, or {@code all-linear} alone. */
    public LoraConfigBuilder targets(String... names) {
        return targets(names.length == 1 && names[0].equals("all-linear") ? new ModuleSelection.AllLinear()
                : new ModuleSelection.Names(List.of(names)));
    }

    /** A regular expression for the whole path of a layer. */
    public LoraConfigBuilder targetPattern(String regex) {
        return targets(new ModuleSelection.Expression(regex));
    }

    public LoraConfigBuilder targets(ModuleSelection selection) {
        targets = selection;
        return this;
    }

    public LoraConfigBuilder excludes(String... names) {
        return excludes(new ModuleSelection.Names(List.of(names)));
    }

    /** A regular expression for the whole path of a layer. */
    public LoraConfigBuilder excludePattern(String regex) {
        return excludes(new ModuleSelection.Expression(regex));
    }

    public LoraConfigBuilder excludes(@Nullable ModuleSelection selection) {
        excludes = selection;
        return this;
    }

    /** Exactly the modules at these paths, whatever was targeted or excluded before. */
    public LoraConfigBuilder onlyTargets(List<String> paths) {
        return targets(new ModuleSelection.Names(paths)).excludes((ModuleSelection) null)
                .layersToTransform(List.of()).layersPattern(List.of());
    }

    public LoraConfigBuilder layersToTransform(List<Integer> indices) {
        layersToTransform = indices;
        return this;
    }

    public LoraConfigBuilder layersPattern(List<String> patterns) {
        layersPattern = patterns;
        return this;
    }

    /** Adds a pattern; those added first win. */
    public LoraConfigBuilder rankPattern(String regex, int value) {
        rankPattern.putIfAbsent(regex, value);
        return this;
    }

    /** Adds a pattern; those added first win. */
    public LoraConfigBuilder alphaPattern(String regex, double value) {
        alphaPattern.putIfAbsent(regex, value);
        return this;
    }

    /** Puts these patterns in the place of all before. */
    public LoraConfigBuilder patterns(Map<String, Integer> ranks, Map<String, Double> alphas) {
        rankPattern.clear();
        rankPattern.putAll(ranks);
        alphaPattern.clear();
        alphaPattern.putAll(alphas);
        return this;
    }

    public LoraConfigBuilder initialization(Initialization value) {
        initialization = value;
        return this;
    }

    public LoraConfigBuilder modulesToSave(String... names) {
        modulesToSave.addAll(List.of(names));
        return this;
    }

    /** Puts these modules in the place of all before. */
    LoraConfigBuilder modulesToSave(List<String> names) {
        modulesToSave.clear();
        modulesToSave.addAll(names);
        return this;
    }

    public LoraConfigBuilder bias(Bias value) {
        bias = value;
        return this;
    }

    public LoraConfigBuilder loraBias(boolean value) {
        loraBias = value;
        return this;
    }

    public LoraConfigBuilder dora(boolean value) {
        dora = value;
        return this;
    }

    /** Adds rows of the embedding whose path ends in {@code name}. */
    public LoraConfigBuilder trainableTokens(String name, List<Integer> indices) {
        trainableTokens.put(name, indices);
        return this;
    }

    /** Puts these rows in the place of all before. */
    LoraConfigBuilder trainableTokens(Map<String, List<Integer>> rows) {
        trainableTokens.clear();
        trainableTokens.putAll(rows);
        return this;
    }

    /** Gives a fused projection an adapter for each part that is enabled. */
    public LoraConfigBuilder fused(String name, List<Boolean> enabled) {
        fused.put(name, enabled);
        return this;
    }

    /** Puts these parts in the place of all before. */
    LoraConfigBuilder fused(Map<String, List<Boolean>> parts) {
        fused.clear();
        fused.putAll(parts);
        return this;
    }

    /** Has ranks found while training. */
    public LoraConfigBuilder adaLora(@Nullable AdaLora value) {
        adaLora = value;
        return this;
    }

    public LoraConfigBuilder taskType(@Nullable TaskType value) {
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
