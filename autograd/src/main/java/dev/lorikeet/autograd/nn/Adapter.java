package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import java.util.Map;

/** What may stand in for a {@link Linear} layer's own map: the one seam through which adapters enter a model. */
public interface Adapter {
    /**
     * The layer's output with the adapter in it.
     *
     * @param pass which sequence each row belongs to
     * @param x (rows, in)
     * @param base the layer, whose {@link Linear#base} is its own map
     * @return (rows, out)
     */
    Variable forward(Pass pass, Variable x, Linear base);

    /** Whether the layer's weight holds the adapter already, so that without it the layer is the same. */
    default boolean isMerged() {
        return false;
    }

    /** What the adapter trains, under names below the layer's path, for example {@code lora_A.weight}. */
    default Map<String, Parameter> parameters() {
        return Map.of();
    }
}
