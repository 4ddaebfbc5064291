package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scores of every entry of an {@link Embedding}: x·Eᵀ + b with its table E (Press and Wolf 2017). E stays the
 * embedding's parameter, under its one name, and sums the gradients of both uses; the row of a padding index, which
 * gets none from look-ups, gets one from here.
 *
 * <p>There is no seam for adapters: what is merged into the head would change the embedding too.
 */
public final class TiedHead extends Module {
    private final Parameter table;
    private final @Nullable Parameter bias;
    private final PackedWeight packed = new PackedWeight();

    /** @param bias (entries), or null */
    public TiedHead(Embedding embedding, @Nullable Tensor bias) {
        if (bias != null && bias.size() != embedding.entries()) {
            throw new IllegalArgumentException("tied head: bias " + bias.shape() + " for " + embedding.entries()
                    + " entries");
        }
        this.table = embedding.weight();
        this.bias = bias == null ? null : parameter("bias", new Parameter(bias));
    }

    /** E, the embedding's own. */
    public Parameter table() {
        return table;
    }

    /** (rows, hidden) to (rows, entries). */
    public Variable forward(Tape tape, Variable x) {
        if (table.requiresGradient()) {
            packed.drop();
            return LinearOps.linear(tape, x, table, bias);
        }
        return LinearOps.linear(tape, x, packed.of(tape.compute(), table, Linear.Layout.OUT_IN), bias, null,
                Activation.NONE);
    }
}
