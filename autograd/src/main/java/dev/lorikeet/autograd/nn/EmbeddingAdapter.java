package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import java.util.Map;

/** What may stand in for an {@link Embedding}'s own look-up: its seam for adapters, as {@link Adapter} is a layer's. */
public interface EmbeddingAdapter {
    /**
     * The rows with the adapter in them.
     *
     * @param pass which sequence each index belongs to
     * @param base the table, whose {@link Embedding#base} is its own look-up
     * @return (index.length, hidden)
     */
    Variable forward(Pass pass, int[] index, Embedding base);

    /** Whether the table holds the adapter already, so that without it the look-up is the same. */
    default boolean isMerged() {
        return false;
    }

    /** What the adapter trains, under names below the table's path, for example {@code lora_embedding_A}. */
    default Map<String, Parameter> parameters() {
        return Map.of();
    }
}
