package dev.lorikeet.lora;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * An adapter that is on no model yet: its tensors, and the plan of where they go.
 *
 * @param tensors one for each of {@link LoraPlan#shapes}, by its path in the model
 */
public record LoraWeights(LoraPlan plan, Map<String, Tensor> tensors) {
    /** The least cosine between what was taken out of W and what came of it. */
    private static final double ALIKE = 0.1;

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

    /**
     * An adapter that is nothing but A and B.
     *
     * @param factors of each of the plan's sites, by its path
     * @throws IllegalArgumentException if the plan has other tensors too, or a shape is another
     */
    public static LoraWeights of(LoraPlan plan, Map<String, Factors> factors) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (LoraSite site : plan.sites()) {
            tensors.put(site.path() + "." + site.nameOfA(), LoraPlan.at(site.path(), factors).a());
            tensors.put(site.path() + "." + site.nameOfB(), LoraPlan.at(site.path(), factors).b());
        }
        return new LoraWeights(plan, tensors);
    }

    Tensor tensor(String path) {
        return LoraLayer.given(tensors, path);
    }

    /** A and B of a place. */
    public Factors factors(LoraSite site) {
        return new Factors(tensor(site.path() + "." + site.nameOfA()), tensor(site.path() + "." + site.nameOfB()));
    }

    /**
     * Refuses what cannot have come from this base by training, where the initialization takes the start of B·A out of
     * W. Training moves B·A, but keeps much of the large part of W that it started with; a converted or a plain adapter
     * whose configuration has the flag all the same has next to nothing of it.
     *
     * @throws InputException if these weights have nothing of the start
     */
    public void requireOwnStart() {
        double together = 0;
        double ofStarts = 0;
        double ofNow = 0;
        Map<String, Factors> starts = plan.takenOut();
        for (LoraSite site : plan.sites()) {
            Factors start = starts.get(site.path());
            if (start != null) {
                Factors now = factors(site);
                together += start.dot(plan.compute(), now);
                ofStarts += start.dot(plan.compute(), start);
                ofNow += now.dot(plan.compute(), now);
            }
        }
        if (together < ALIKE * Math.sqrt(ofStarts * ofNow)) {
            throw new InputException("initialization (init_lora_weights): the adapter has nothing of what "
                    + plan.config().initialization() + " takes out of this base, so it was converted to plain LoRA or "
                    + "is for another base");
        }
    }

    /**
     * The same change of the base as plain LoRA, which any program that serves LoRA can read, but for the order in
     * which terms are summed: of PiSSA and OLoRA, with what was taken out of W; of AdaLoRA, with λ in A and without the
     * triplets whose λ is zero; of parts of a layer, as one adapter of all of it. These weights where they are plain
     * already.
     *
     * @throws InputException if every λ is zero, so that no module has an adapter
     */
    public LoraWeights toPlain() {
        LoraConfig config = plan.config();
        if (config.initialization().changesBase()) {
            return PlainLora.onTheWholeBase(this);
        }
        return config.adaLora() != null ? PlainLora.withoutLambdas(this)
                : config.fused().isEmpty() ? this : PlainLora.ofWholeLayers(this);
    }

    /**
     * These weights for another task on the same base: on the backbone's layers as here, while what is trained of a
     * head is the other's own. Layers that the other head does without get no adapter.
     *
     * @param training what of the configuration is not in the weights: dropout, and how AdaLoRA's ranks fall
     * @throws InputException if something is adapted that is no part of the backbone, or the other model has another
     */
    public LoraWeights onto(TaskModel<?, ?, ?> model, UnaryOperator<LoraConfigBuilder> training) {
        return OtherTask.of(this, model, training);
    }

    /**
     * Attaches the adapter to the plan's model, its parameters frozen; they hold these tensors, not copies.
     *
     * @throws IllegalStateException if a layer has an adapter already
     */
    public LoraAdapter attach() {
        LoraAdapter adapter = new LoraAdapter(this);
        adapter.install();
        adapter.saved().forEach((path, parameter) -> parameter.set(tensor(path)));
        adapter.freeze();
        return adapter;
    }
}
