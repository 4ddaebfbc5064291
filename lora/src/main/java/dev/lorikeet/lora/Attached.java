package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.transformer.model.Attachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an {@link AdapterMethod} put into a model, whose own parameters are frozen meanwhile. Merging, detaching and
 * training belong to one thread; between those, the model may serve any number.
 */
public interface Attached extends Attachment {
    /** The model that this is on. */
    Module root();

    /** {@code peft_type}: which {@link PeftCodec} writes this. */
    String peftType();

    /** Everything that is trained, by its path below {@link #root}. */
    Map<String, Parameter> parameters();

    /** Those of {@link #root} itself that come with this, trained whole, by their paths: {@code modules_to_save}. */
    default Map<String, Parameter> saved() {
        return Map.of();
    }

    /** Whether the files of this say what the parameter at a path below {@link #root} is, so that the base need not. */
    default boolean holds(String path) {
        return parameters().containsKey(path) || saved().containsKey(path);
    }

    /** What whoever trains the {@link #parameters} has to do beside, each duty once. */
    default List<TrainingDuty> duties() {
        List<TrainingDuty> duties = new ArrayList<>();
        for (Parameter parameter : parameters().values()) {
            TrainingDuty duty = parameter.duty();
            if (duty != null && duties.stream().noneMatch(known -> known == duty)) {
                duties.add(duty);
            }
        }
        return duties;
    }

    /** The number of elements of {@link #parameters}. */
    default long parameterCount() {
        return parameters().values().stream().mapToLong(parameter -> parameter.shape().size()).sum();
    }

    /** Lets gradients reach {@link #parameters}. */
    default void unfreeze() {
        parameters().values().forEach(Parameter::unfreeze);
    }

    /** Stops training. */
    default void freeze() {
        parameters().values().forEach(Parameter::freeze);
    }

    /**
     * Puts this into the weights of the model, which then computes as fast as without it. The weights are kept for
     * {@link #unmerge}.
     *
     * @return how much each weight changed, by the path of its layer
     * @throws dev.lorikeet.transformer.io.InputException if a weight would not be finite; nothing is merged then
     * @throws IllegalStateException if this is merged already, or is no change of weights; nothing is merged then
     */
    default Map<String, WeightChange> merge() {
        throw new IllegalStateException("merge: what " + peftType() + " does is no change of weights");
    }

    /** Undoes {@link #merge}, bit for bit; does nothing where it is not merged. */
    default void unmerge() {}

    @Override
    default boolean merged() {
        return false;
    }

    /** Takes this out: the model is again what it was, bit for bit, and frozen. */
    void detach();
}
