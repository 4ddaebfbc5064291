package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scores of every entry of an {@link Embedding}: x·Eᵀ + b with its table E (Press and Wolf 2017). E stays the
 * embedding's parameter, under its one name, and sums the gradients of both uses; the row of a padding index, which
 * gets none from look-ups, gets one from here.
 *
 * <p>Where one of the two is to change without the other, the head can be {@linkplain #untie untied} for a while. There
 * is no seam for adapters: what is merged into the head would change the embedding too.
 */
public final class TiedHead extends Module {
    private final Weight shared;
    private final String tableName;
    private final @Nullable Parameter bias;
    private Weight table;

    /** @param bias (entries), or null */
    public TiedHead(Embedding embedding, @Nullable Tensor bias) {
        this(embedding, bias, "weight");
    }

    /**
     * As {@link #TiedHead(Embedding, Tensor)}, where the table has another name than {@code weight} below this head.
     *
     * @param tableName as Hugging Face's files have it where the two are not tied
     */
    public TiedHead(Embedding embedding, @Nullable Tensor bias, String tableName) {
        if (bias != null && bias.size() != embedding.entries()) {
            throw new IllegalArgumentException("tied head: bias " + bias.shape() + " for " + embedding.entries()
                    + " entries");
        }
        this.shared = embedding.weight();
        this.tableName = tableName;
        this.bias = bias == null ? null : parameter("bias", new Parameter(bias));
        this.table = shared;
    }

    /** E (entries, hidden): the embedding's own, or while untied the head's. */
    public Weight table() {
        return table;
    }

    /** The name below this head's path of a table of its own. */
    public String tableName() {
        return tableName;
    }

    public boolean isTied() {
        return table == shared;
    }

    /** Gives the head a frozen copy of the table, under {@link #tableName}: neither use follows the other any more. */
    public void untie() {
        if (isTied()) {
            table = new Weight(shared.value().copy(), Linear.Layout.OUT_IN);
            replaceParameters(Map.of(), Map.of(tableName, table));
        }
    }

    /** Shares the embedding's table again, whatever that is by now. */
    public void tie() {
        replaceParameters(isTied() ? Map.of() : Map.of(tableName, table()), Map.of());
        table = shared;
    }

    /** (rows, hidden) to (rows, entries). */
    public Variable forward(Tape tape, Variable x) {
        return table.requiresGradient() ? LinearOps.linear(tape, x, table, bias)
                : LinearOps.linear(tape, x, table.frozen(tape.compute()), bias, null, Activation.NONE);
    }
}
