package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An adapter's weights on the same backbone under another head: there, paths begin otherwise. */
final class OtherTask {
    private final LoraPlan plan;
    private final TaskModel<?, ?, ?> model;
    /** What the backbone's paths begin with, where the adapter is and where it goes. */
    private final String from;
    private final String to;

    private OtherTask(LoraPlan plan, TaskModel<?, ?, ?> model) {
        this.plan = plan;
        this.model = model;
        this.from = prefix(plan.model());
        this.to = prefix(model.peftRoot());
    }

    static LoraWeights of(LoraWeights weights, TaskModel<?, ?, ?> model,
            UnaryOperator<LoraConfigBuilder> training) {
        return new OtherTask(weights.plan(), model).moved(weights.tensors(), training);
    }

    private static String prefix(Module root) {
        return root instanceof TaskModel<?, ?, ?> model ? model.model().architecture().prefix(model.head()) + "." : "";
    }

    /** The path where {@code path} of the backbone goes, or null of what belongs to the head. */
    private @Nullable String moved(String path) {
        return path.startsWith(from) ? to + path.substring(from.length()) : null;
    }

    private LoraWeights moved(Map<String, Tensor> tensors, UnaryOperator<LoraConfigBuilder> training) {
        Map<String, Tensor> known = new LinkedHashMap<>();
        tensors.forEach((path, tensor) -> {
            String there = moved(path);
            if (there != null) {
                known.put(there, tensor);
            }
        });
        LoraConfig config = ReachedTargets.excluding(model.peftRoot(), config(training));
        Set<String> brought = new LinkedHashSet<>();
        for (String path : plan.brought()) {
            String there = moved(path);
            if (there != null) {
                brought.add(there);
            }
        }
        LoraPlan there = LoraPlan.of(model.peftRoot(), config, kept(config)).bringing(brought);
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Map.Entry<String, Shape> needed : there.shapes().entrySet()) {
            String path = needed.getKey();
            Tensor tensor = known.containsKey(path) ? known.get(path) : there.saved().get(path);
            if (tensor == null || !tensor.shape().equals(needed.getValue())) {
                throw new InputException(
                        "adapter: has " + (tensor == null ? "nothing" : tensor.shape()) + " for " + path
                                + ", which is " + needed.getValue() + " in the model");
            }
            all.put(path, tensor);
        }
        return new LoraWeights(there, all);
    }

    private LoraConfig config(UnaryOperator<LoraConfigBuilder> training) {
        LoraConfig old = plan.config();
        List<String> ofHead = old.taskType() == null ? List.of() : old.taskType().heads();
        LoraConfigBuilder builder = training.apply(old.toBuilder()).taskType(TaskType.of(model.head()))
                .modulesToSave(old.modulesToSave().stream().filter(name -> !ofHead.contains(name)).toList());
        if (plan.kept() != null) {
            builder.adaLora(old.adaLora()); // whose ranks are found, and fall no more
        }
        List<String> paths = new ArrayList<>();
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        for (LoraSite site : plan.sites()) {
            String path = moved(site.path());
            if (path == null) {
                throw new InputException("targets (target_modules): " + site.path()
                        + " is a layer of the head, which another task has not");
            }
            paths.add(path);
            ranks.put(PathPatterns.patternOf(path), site.rank());
            alphas.put(PathPatterns.patternOf(path), site.alpha());
        }
        if (from.equals(to)) {
            return builder.build();
        }
        builder.onlyTargets(paths).trainableTokens(ends(old.trainableTokens())).fused(ends(old.fused()));
        if (old.adaLora() == null) { // which has one rank, and refuses patterns
            ranks.values().removeIf(rank -> rank == old.rank());
            alphas.values().removeIf(alpha -> alpha == old.alpha());
            builder.patterns(ranks, alphas);
        }
        return builder.build();
    }

    /** Ends of paths that fit whatever the backbone's begin with. */
    private <T> Map<String, T> ends(Map<String, T> byPath) {
        Map<String, T> ends = new LinkedHashMap<>();
        byPath.forEach((path, value) -> ends.put(path.startsWith(from) ? path.substring(from.length()) : path, value));
        return ends;
    }

    /** Of AdaLoRA, which triplets are left of the layers that have an adapter there. */
    private @Nullable Map<String, boolean[]> kept(LoraConfig config) {
        Map<String, boolean[]> masks = plan.kept();
        if (masks == null) {
            return null;
        }
        Set<String> targets = new TargetMatcher(config).targets(model.peftRoot().namedModules()).keySet();
        Map<String, boolean[]> kept = new LinkedHashMap<>();
        masks.forEach((path, mask) -> {
            String there = moved(path);
            if (there != null && targets.contains(there)) {
                kept.put(there, mask);
            }
        });
        return kept;
    }
}
