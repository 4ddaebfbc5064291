package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What may join the keys and values of a {@link SelfAttention}: its seam, as {@link Adapter} is a linear layer's. */
public interface KeyValues {
    /**
     * Keys with their values.
     *
     * @param keys (rows, kvHeads·d)
     * @param values (rows, kvHeads·d)
     */
    record Pair(Variable keys, Variable values) {
        /** @throws IllegalArgumentException if the shapes differ */
        public Pair {
            if (!keys.shape().equals(values.shape())) {
                throw new IllegalArgumentException("attention: keys " + keys.shape() + ", values " + values.shape());
            }
        }
    }

    /**
     * What every sequence sees before its own rows (prefix tuning, Li and Liang 2021), or null for nothing. Keys are
     * taken as they are, without rotary positions; whoever puts rows before others says so in the positions of the
     * pass.
     */
    default @Nullable Pair before(Pass pass) {
        return null;
    }

    /**
     * What is added to the context (LLaMA-Adapter, Zhang et al. 2023), or null for nothing.
     *
     * @param q (rows, heads·d), with rotary positions
     * @return (rows, heads·d)
     */
    default @Nullable Variable beside(Pass pass, Variable q) {
        return null;
    }

    /** What is trained, under names below the path of the attention. */
    default Map<String, Parameter> parameters() {
        return Map.of();
    }
}
