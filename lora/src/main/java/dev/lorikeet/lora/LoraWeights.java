package dev.lorikeet.lora;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An adapter that is on no model yet: its tensors, and the plan of where they go.
 *
 * @param tensors one for each of {@link LoraPlan#shapes}, by its path in the model
 */
public record LoraWeights(LoraPlan plan, Map<String, Tensor> tensors) {
    /** @throws IllegalArgumentException if a tensor is missing, has another shape or belongs nowhere */
    public LoraWeights {
        Map<String, Shape> shapes = plan.shapes();
        for (Map.Entry<String, Shape> needed : shapes.entrySet()) {
            Tensor tensor = tensors.get(needed.getKey());
            if (tensor == null || !tensor.shape().equals(needed.getValue())) {
                throw new IllegalArgumentException("lora: " + needed.getKey() + " must be " + needed.getValue()
                        + (tensor == null ? ", there is none" : ", not " + tensor.shape()));
            }
        }
        if (tensors.size() != shapes.size()) {
            throw new IllegalArgumentException("lora: " + tensors.size() + " tensors, the plan has " + shapes.size());
        }
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    Tensor tensor(String path) {
        return LoraLayer.given(tensors, path);
    }

    /**
     * Attaches the adapter to the plan's model, its parameters frozen; they hold these tensors, not copies.
     *
     * @throws IllegalStateException if a layer has an adapter already
     */
    public LoraAdapter attach() {
        LoraAdapter adapter = new LoraAdapter(this);
        adapter.install();
        plan.saved().forEach((path, parameter) -> parameter.value().set(tensor(path)));
        adapter.freeze();
        return adapter;
    }
}
