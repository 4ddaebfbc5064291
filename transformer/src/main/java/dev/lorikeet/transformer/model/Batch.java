package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Token sequences laid end to end, without padding: sequence s is rows offsets[s] … offsets[s + 1] - 1.
 *
 * @param ids (rows) token ids
 * @param typeIds (rows) segment ids: 0, or 1 in the second of two texts
 * @param offsets (sequences + 1), from 0 up to the number of rows
 * @param source what an encoder reads of the same sequences, where these are a decoder's; else null
 */
public record Batch(int[] ids, int[] typeIds, int[] offsets, @Nullable Batch source) {
    public Batch {
        if (source != null && source.sequences() != offsets.length - 1) {
            throw new IllegalArgumentException("batch: " + (offsets.length - 1) + " sequences, " + source.sequences()
                    + " of the encoder");
        }
        if (ids.length != typeIds.length || offsets.length < 2 || offsets[0] != 0
                || offsets[offsets.length - 1] != ids.length) {
            throw new IllegalArgumentException("batch: " + ids.length + " ids, " + typeIds.length + " type ids and "
                    + offsets.length + " offsets do not fit together");
        }
        for (int s = 1; s < offsets.length; s++) {
            if (offsets[s] <= offsets[s - 1]) {
                throw new IllegalArgumentException("batch: sequence " + (s - 1) + " is empty");
            }
        }
    }

    /** Of a model that is one stack of layers. */
    public Batch(int[] ids, int[] typeIds, int[] offsets) {
        this(ids, typeIds, offsets, null);
    }

    /** The same as a decoder's, whose encoder reads {@code source}. */
    public Batch withSource(Batch source) {
        return new Batch(ids, typeIds, offsets, source);
    }

    /**
     * Of these sequences in pairs the second of each as a decoder's, whose encoder reads the first.
     *
     * @throws IllegalArgumentException if one has no partner
     */
    public Batch inPairs() {
        if (sequences() % 2 != 0) {
            throw new IllegalArgumentException("batch: " + sequences() + " sequences in pairs");
        }
        return every(1).withSource(every(0));
    }

    /** Every second sequence. */
    private Batch every(int first) {
        return of(IntStream.range(0, sequences() / 2).map(pair -> 2 * pair + first)
                .mapToObj(s -> Arrays.copyOfRange(ids, offsets[s], offsets[s + 1])).toList());
    }

    /** Packs sequences of token ids, all of segment 0. */
    public static Batch of(List<int[]> sequences) {
        int[] offsets = new int[sequences.size() + 1];
        for (int s = 0; s < sequences.size(); s++) {
            offsets[s + 1] = offsets[s] + sequences.get(s).length;
        }
        int[] ids = new int[offsets[sequences.size()]];
        for (int s = 0; s < sequences.size(); s++) {
            System.arraycopy(sequences.get(s), 0, ids, offsets[s], sequences.get(s).length);
        }
        return new Batch(ids, new int[ids.length], offsets);
    }

    public int sequences() {
        return offsets.length - 1;
    }

    public int rows() {
        return ids.length;
    }

    /** A pass over these sequences as whole texts. */
    public Pass pass(Tape tape) {
        return new Pass(tape, Rows.tokens(offsets));
    }

    /**
     * A pass over these sequences as continuations of what {@code cache} has of them.
     *
     * @throws IllegalArgumentException if it is of another number of sequences
     */
    public Pass pass(Tape tape, Cache cache) {
        return new Pass(tape, cache.next(offsets), cache, null);
    }
}
