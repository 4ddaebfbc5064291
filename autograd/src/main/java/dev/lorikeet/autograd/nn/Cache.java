package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.KeyValues.Pair;
import dev.lorikeet.tensor.Tensor;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of what a decoder has read, so that a pass computes the rows of new tokens alone: with the bits
 * that they have where the whole text is read at once. Memory grows with the tokens read. Belongs to one thread.
 *
 * <p>A pass writes its keys and values behind those that count; they count from {@link #advance} on, when it is done.
 */
public final class Cache {
    private static final int FIRST = 64;

    private final int[] lengths;
    /** For each layer, the stores of the sequences by their numbers. */
    private final Map<SelfAttention, Map<Integer, Store>> layers = new IdentityHashMap<>();

    /**
     * Nothing read yet of so many sequences.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Cache(int sequences) {
        if (sequences < 1) {
            throw new IllegalArgumentException("cache: of " + sequences + " sequences");
        }
        lengths = new int[sequences];
    }

    public int sequences() {
        return lengths.length;
    }

    /** How many tokens of a sequence were read. */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /** New tokens of each sequence, positioned behind those read. */
    public Rows next(int... offsets) {
        return Rows.tokens(offsets, lengths);
    }

    /** The rows of a pass have been read by every layer. */
    public void advance(Rows rows) {
        for (int s = 0; s < lengths.length; s++) {
            lengths[s] += rows.length(s);
        }
    }

    /**
     * What the newest rows of a sequence look at in one layer: what is before all, what was read, and themselves.
     *
     * @param before the same in each pass
     * @param keys (new rows, kvHeads·d), as are values
     * @return constants, good until the next pass
     */
    Pair seen(SelfAttention layer, int sequence, @Nullable Pair before, Tensor keys, Tensor values) {
        Map<Integer, Store> stores = layers.computeIfAbsent(layer, _ -> new HashMap<>());
        Store store = stores.get(sequence);
        if (store == null) {
            if (lengths[sequence] > 0) {
                throw new IllegalStateException("cache: holds " + lengths[sequence]
                        + " tokens that this layer has not read, it is another model's");
            }
            store = new Store(keys.dim(1));
            stores.put(sequence, store);
            if (before != null) {
                store.write(0, before.keys().value(), before.values().value());
            }
        }
        int from = lengths[sequence] + (before == null ? 0 : before.keys().shape().dim(0));
        return store.write(from, keys, values);
    }

    /** Rows of keys and values that grow. */
    private static final class Store {
        private Tensor keys;
        private Tensor values;

        Store(int width) {
            keys = Tensor.zeros(FIRST, width);
            values = Tensor.zeros(FIRST, width);
        }

        /** Writes rows behind the first {@code from}, and gives all of them. */
        Pair write(int from, Tensor moreKeys, Tensor moreValues) {
            int end = from + moreKeys.dim(0);
            if (end > keys.dim(0)) {
                int capacity = Math.max(end, 2 * keys.dim(0));
                keys = grown(keys, from, capacity);
                values = grown(values, from, capacity);
            }
            keys.rows(from, end).set(moreKeys);
            values.rows(from, end).set(moreValues);
            return new Pair(Variable.constant(keys.rows(0, end)), Variable.constant(values.rows(0, end)));
        }

        private static Tensor grown(Tensor rows, int count, int capacity) {
            Tensor grown = Tensor.zeros(capacity, rows.dim(1));
            grown.rows(0, count).set(rows.rows(0, count));
            return grown;
        }
    }
}
