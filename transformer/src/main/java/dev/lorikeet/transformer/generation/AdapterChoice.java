package dev.lorikeet.transformer.generation;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.transformer.model.Batch;
import java.util.List;

/** Chooses an adapter for each sequence of a batch: {@code AdapterSet::choose} of the module lora is one. */
@FunctionalInterface
public interface AdapterChoice {
    /**
     * Chooses for the one batch that {@code tape} will compute. What a name means does not change while a
     * {@link GenerationBatch} lives.
     *
     * @param names one for each sequence
     * @throws dev.lorikeet.transformer.io.InputException if there is no adapter of a name
     */
    void choose(Tape tape, Batch batch, List<String> names);
}
