package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import org.jspecify.annotations.Nullable;

/**
 * What a forward pass knows beside its numbers. Layers compute with it, and adapters read here which sequence a row
 * belongs to.
 *
 * @param cache what was read before, of which this pass is the continuation; null for whole texts
 * @param encoder what a decoder's {@linkplain SelfAttention#cross cross-attention} looks at, or null
 */
public record Pass(Tape tape, Rows rows, @Nullable Cache cache, @Nullable Memory encoder) {
    /**
     * What an encoder made of the same sequences.
     *
     * @param states (rows, hidden), on this tape or one around it
     */
    public record Memory(Variable states, Rows rows) {}

    /**
     * @throws IllegalArgumentException if cache or encoder are of another number of sequences
     * @throws IllegalStateException if there is a cache on a tape for training: no gradient would reach what it keeps
     */
    public Pass {
        requireSequences("cache", cache == null ? rows.sequences() : cache.sequences(), rows);
        requireSequences("encoder", encoder == null ? rows.sequences() : encoder.rows.sequences(), rows);
        if (cache != null && tape.isTraining()) {
            throw new IllegalStateException("pass: a cache on a tape for training, which no gradient would reach");
        }
    }

    /** A pass over whole texts, or over anything else. */
    public Pass(Tape tape, Rows rows) {
        this(tape, rows, null, null);
    }

    private static void requireSequences(String what, int count, Rows rows) {
        if (count != rows.sequences()) {
            throw new IllegalArgumentException("pass: " + rows.sequences() + " sequences, " + what + " of " + count);
        }
    }

    /** The same pass behind a pooling, where a row is a sequence. */
    public Pass pooled() {
        return rows.kind() == Rows.Kind.SEQUENCE ? this
                : new Pass(tape, Rows.sequences(rows.sequences()), cache, encoder);
    }

    /**
     * The same pass where a row is one of the encoder's: for keys and values of cross-attention.
     *
     * @throws IllegalStateException if there is no encoder
     */
    public Pass overEncoder() {
        return new Pass(tape, requireEncoder().rows, null, encoder);
    }

    Memory requireEncoder() {
        if (encoder == null) {
            throw new IllegalStateException("pass: no encoder's states are there to attend to");
        }
        return encoder;
    }

    /** The same pass on a tape within this one's, or this. */
    public Pass on(Tape inner) {
        return inner == tape ? this : new Pass(inner, rows, cache, encoder);
    }

    /** Refuses a matrix, or indices, of another number of rows. */
    void requireRows(String operation, int count) {
        if (count != rows.count()) {
            throw new IllegalArgumentException(operation + ": " + count + " rows in a pass of " + rows.count()
                    + (rows.kind() == Rows.Kind.TOKEN ? " tokens: behind a pooling, take the pooled pass"
                            : " sequences"));
        }
    }
}
