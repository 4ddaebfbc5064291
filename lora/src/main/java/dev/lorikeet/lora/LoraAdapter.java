package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
import dev.lorikeet.lora.rank.Triplets;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The adapters of the LoRA family on one model, and what is trained of the base with them. */
public final class LoraAdapter implements Attached {
    private final LoraPlan plan;
    private final Map<String, LoraLayer> layers;
    private final Map<String, TrainableTokens> tokens;
    private final @Nullable AdaLoraAllocator allocator;
    /** What is trained of the base as it is, by path; empty until this is in the seams. */
    private final Map<String, Parameter> saved = new LinkedHashMap<>();
    /** What that was before, by path. */
    private final Map<String, Parameter.Replacement> originals = new LinkedHashMap<>();
    /** Heads that keep the base's table, or have their own trained, while this is in the seams. */
    private final List<TiedHead> untied = new ArrayList<>();
    /** What W was before the start of B·A was taken out of it, by the layer's path; empty while this is in no seam. */
    private final Map<String, Parameter.Replacement> wholeWeights = new LinkedHashMap<>();
    private boolean merged;
    private boolean attached;

    /** An adapter with these weights, in no seam yet. */
    LoraAdapter(LoraWeights weights) {
        this(weights, _ -> null);
    }

    /** As {@link #LoraAdapter(LoraWeights)}, with the gates of linear layers. */
    LoraAdapter(LoraWeights weights, Function<LoraSite, @Nullable Gate> gates) {
        this.plan = weights.plan();
        this.layers = Collections.unmodifiableMap(plan.layers(weights.tensors(), gates));
        this.tokens = Collections.unmodifiableMap(plan.tokens(weights.tensors()));
        AdaLora settings = config().adaLora();
        this.allocator = settings == null ? null : allocator(settings, layers, plan.kept());
    }

    /** The allocator of these layers, as a duty of whoever trains them. */
    private static AdaLoraAllocator allocator(AdaLora settings, Map<String, LoraLayer> layers,
            @Nullable Map<String, boolean[]> kept) {
        List<Triplets> modules = new ArrayList<>();
        layers.forEach((path, layer) -> {
            if (layer.gate() instanceof Lambdas(Parameter e)) {
                modules.add(new Triplets(path, layer.a(), layer.b(), e));
            }
        });
        AdaLoraAllocator made = kept == null ? new AdaLoraAllocator(settings, modules)
                : AdaLoraAllocator.fixed(settings, modules, kept);
        for (Triplets module : modules) {
            List.of(module.a(), module.b(), module.e()).forEach(parameter -> parameter.duty(made));
        }
        return made;
    }

    /** What finds the ranks of an AdaLoRA adapter; null of others. */
    public @Nullable AdaLoraAllocator allocator() {
        return allocator;
    }

    /** Freezes the model and puts the adapters into its layers. */
    void install() {
        layers.forEach((path, layer) -> requireFree(path, layer.isInstalled()));
        tokens.forEach((path, rows) -> requireFree(path, rows.embedding().adapter() != null));
        root().freeze();
        takeOver();
        plan.takenOut()
                .forEach((path, start) -> wholeWeights.put(path,
                        LoraPlan.at(path, layers).takeOutOfBase(compute(), start)));
        layers.values().forEach(LoraLayer::install);
        tokens.values().forEach(rows -> rows.embedding().adapter(rows));
        attached = true;
        switch (root()) { // whoever saves the model asks there
            case TaskModel<?, ?, ?> model -> model.attachment(this);
            case Backbone model -> model.attachment(this);
            default -> {
            }
        }
    }

    /**
     * Makes what is trained of the base a copy, as PEFT does: the base's values are kept, and a head whose table is
     * trained in one of its two places alone goes on with those in the other.
     */
    private void takeOver() {
        Map<String, Parameter> parameters = root().namedParameters();
        root().namedModules().forEach((path, module) -> {
            if (module instanceof TiedHead head && head.isTied() && (plan.saved().containsKey(path + "."
                    + head.tableName()) || isSaved(head.table(), parameters))) {
                head.untie();
                untied.add(head);
            }
        });
        root().namedParameters().forEach((path, parameter) -> {
            if (plan.saved().containsKey(path)) {
                saved.put(path, parameter);
                originals.put(path, parameter.replace(parameter.value()));
            }
        });
    }

    private boolean isSaved(Parameter table, Map<String, Parameter> parameters) {
        return plan.saved().keySet().stream().anyMatch(path -> parameters.get(path) == table
                && !plan.brought().contains(path));
    }

    private static void requireFree(String path, boolean taken) {
        if (taken) {
            throw new IllegalStateException("lora: " + path + " has an adapter already, detach that first");
        }
    }

    @Override
    public Module root() {
        return plan.model();
    }

    @Override
    public String peftType() {
        return config().peftType();
    }

    /** As {@link LoraPlan#compute}. */
    Compute compute() {
        return plan.compute();
    }

    public LoraConfig config() {
        return plan.config();
    }

    /** The adapted layers by their paths, in the model's order. */
    public Map<String, LoraLayer> layers() {
        return layers;
    }

    /** The rows of embeddings that are trained by themselves, by the embedding's path. */
    public Map<String, TrainableTokens> tokens() {
        return tokens;
    }

    /** The parameters of the base that are trained as they are, by their paths: whole modules and biases. */
    @Override
    public Map<String, Parameter> saved() {
        return Collections.unmodifiableMap(saved);
    }

    /** What the model's parameter at {@code path} was before it was trained or merged into. */
    public Tensor original(String path) {
        Parameter.Replacement trained = originals.get(path);
        if (trained != null) {
            return trained.before();
        }
        LoraLayer layer = layers.get(path.substring(0, Math.max(0, path.lastIndexOf('.'))));
        return layer != null && path.endsWith(".weight") ? layer.unmergedWeight()
                : Objects.requireNonNull(root().namedParameters().get(path), path).value();
    }

    /** Every tensor of the adapter by its path in the model: those of each layer, then the rest. */
    public Map<String, Parameter> namedParameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        layers.forEach((path, layer) -> layer.parameters().forEach((name, p) -> all.put(path + "." + name, p)));
        tokens.forEach((path, rows) -> rows.parameters().forEach((name, p) -> all.put(path + "." + name, p)));
        all.putAll(saved());
        return all;
    }

    /** A copy of the weights as they are now, which {@link #detach} leaves alone. */
    public LoraWeights weights() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        namedParameters().forEach((path, parameter) -> copies.put(path, parameter.value().copy()));
        return new LoraWeights(plan, copies);
    }

    /** Also weights that a start was taken out of. */
    @Override
    public boolean holds(String path) {
        return namedParameters().containsKey(path) || path.endsWith(".weight") && wholeWeights.containsKey(
                path.substring(0, path.length() - ".weight".length()));
    }

    /** Those of {@link #namedParameters} that are trained. */
    @Override
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> trained = namedParameters();
        trained.keySet().removeAll(plan.brought());
        if (!config().initialization().trainsB()) {
            layers.values().forEach(layer -> trained.values().remove(layer.b()));
        }
        return trained;
    }

    /**
     * Puts every adapter into its W in float32.
     *
     * @throws IllegalStateException also if a table that is merged into is that of a head too, which the merge would
     *     change; nothing is merged then
     */
    @Override
    public Map<String, WeightChange> merge() {
        if (merged) {
            throw new IllegalStateException("merge: the adapter is merged already");
        }
        requireNoTiedTable();
        Map<String, WeightChange> changes = new LinkedHashMap<>();
        try {
            layers.forEach((path, layer) -> {
                WeightChange change = layer.merge(compute());
                Parameter.Replacement whole = wholeWeights.get(path);
                changes.put(path, whole == null ? change
                        : WeightChange.between(whole.before(), layer.site().weight().value()));
            });
            tokens.values().forEach(TrainableTokens::merge);
            merged = true;
        } finally {
            if (!merged) {
                layers.values().forEach(LoraLayer::unmerge);
            }
        }
        return changes;
    }

    private void requireNoTiedTable() {
        root().namedModules().forEach((head, module) -> {
            if (module instanceof TiedHead tied) {
                layers.forEach((path, layer) -> requireOther(tied, head, path, layer.site().weight()));
                tokens.forEach((path, rows) -> requireOther(tied, head, path, rows.embedding().weight()));
            }
        });
    }

    private static void requireOther(TiedHead tied, String head, String path, Parameter table) {
        if (tied.table() == table) {
            throw new IllegalStateException("merge: the table of " + path + " is that of " + head
                    + " too, which would change with it");
        }
    }

    @Override
    public void unmerge() {
        layers.values().forEach(LoraLayer::unmerge);
        tokens.values().forEach(TrainableTokens::unmerge);
        merged = false;
    }

    @Override
    public boolean merged() {
        return merged;
    }

    @Override
    public boolean attached() {
        return attached;
    }

    /** Takes the adapters out and puts back what was trained of the base. */
    @Override
    public void detach() {
        unmerge();
        freeze();
        layers.values().forEach(LoraLayer::remove);
        wholeWeights.values().forEach(Parameter.Replacement::close);
        wholeWeights.clear();
        tokens.values().forEach(rows -> rows.embedding().adapter(null));
        originals.values().forEach(Parameter.Replacement::close);
        untied.forEach(TiedHead::tie);
        untied.clear();
        attached = false;
    }
}
