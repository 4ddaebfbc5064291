package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The adapters on one model, and the modules trained whole with them. Merging, detaching and training belong to one
 * thread; between those, the model may serve any number.
 */
public final class LoraAdapter {
    private final Module model;
    private final LoraConfig config;
    private final Map<String, LoraLayer> layers;
    private final Map<String, Parameter> saved;
    /** What the modules trained whole were before, by path. */
    private final Map<String, Tensor> originals = new LinkedHashMap<>();
    private boolean merged;

    private LoraAdapter(Module model, LoraConfig config, Map<String, LoraLayer> layers, Map<String, Parameter> saved) {
        this.model = model;
        this.config = config;
        this.layers = Collections.unmodifiableMap(layers);
        this.saved = Collections.unmodifiableMap(saved);
        saved.forEach((path, parameter) -> originals.put(path, parameter.value().copy()));
    }

    /** Freezes the model and puts the adapters into its layers. */
    static LoraAdapter install(Module model, LoraConfig config, Map<String, LoraLayer> layers,
            Map<String, Parameter> saved) {
        layers.forEach((path, layer) -> {
            if (layer.linear().adapter() != null) {
                throw new IllegalStateException("lora: " + path + " has an adapter already, detach that first");
            }
        });
        LoraAdapter adapter = new LoraAdapter(model, config, layers, saved);
        model.freeze();
        layers.values().forEach(layer -> layer.linear().adapter(layer));
        return adapter;
    }

    /** The model that the adapters are on. */
    public Module model() {
        return model;
    }

    public LoraConfig config() {
        return config;
    }

    /** The adapted layers by their paths, in the model's order. */
    public Map<String, LoraLayer> layers() {
        return layers;
    }

    /** The parameters of the modules trained whole, by their paths. */
    public Map<String, Parameter> saved() {
        return saved;
    }

    /** Everything that is trained: A and B of each layer, then the modules trained whole. */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>();
        layers.values().forEach(layer -> Collections.addAll(all, layer.a(), layer.b()));
        all.addAll(saved.values());
        return all;
    }

    /** The number of elements of {@link #parameters()}. */
    public long parameterCount() {
        return parameters().stream().mapToLong(parameter -> parameter.value().size()).sum();
    }

    /** Lets gradients reach {@link #parameters()}. */
    public void unfreeze() {
        parameters().forEach(Parameter::unfreeze);
    }

    /** Stops training. */
    public void freeze() {
        parameters().forEach(Parameter::freeze);
        savedWeightsChanged();
    }

    /**
     * Adds every s·B·A to its W in float32, after which the model computes as fast as without adapters. W is kept, so
     * that {@link #unmerge} gives back the same bits.
     *
     * @throws dev.lorikeet.transformer.InputException if a weight would not be finite; nothing is merged then
     * @throws IllegalStateException if this is merged already
     */
    public void merge() {
        if (merged) {
            throw new IllegalStateException("merge: the adapter is merged already");
        }
        try {
            layers.values().forEach(LoraLayer::merge);
            merged = true;
        } finally {
            if (!merged) {
                layers.values().forEach(LoraLayer::unmerge);
            }
        }
    }

    /** Undoes {@link #merge}, bit for bit; does nothing where it is not merged. */
    public void unmerge() {
        layers.values().forEach(LoraLayer::unmerge);
        merged = false;
    }

    public boolean merged() {
        return merged;
    }

    /**
     * Takes the adapters out and puts back what was trained whole: the model is the base again, bit for bit, and
     * frozen.
     */
    public void detach() {
        unmerge();
        freeze();
        layers.values().forEach(layer -> layer.linear().adapter(null));
        saved.forEach((path, parameter) -> {
            Tensor original = originals.get(path);
            if (original != null) {
                parameter.value().set(original);
            }
        });
        savedWeightsChanged();
    }

    private void savedWeightsChanged() {
        for (Module module : model.namedModules().values()) {
            if (module instanceof Linear linear && saved.containsValue(linear.weight())) {
                linear.weightChanged();
            }
        }
    }
}
