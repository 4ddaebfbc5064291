package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.KeyValues.Pair;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of what a decoder has read, so that a pass computes the rows of new tokens alone: with the bits
 * that they have where the whole text is read at once. Memory grows with the tokens read, or is there at once where
 * they are {@linkplain #reserve announced}. Belongs to one thread.
 *
 * <p>A pass writes its keys and values behind those that count; they count from {@link #advance} on, when it is done.
 * Passes may be over {@linkplain #of some} of the sequences, and a sequence that is {@linkplain #clear cleared} makes
 * room for another.
 */
public final class Cache {
    private static final int FIRST = 64;

    private final State state;
    /** The numbers of the sequences, in the order in which passes have them. */
    private final int[] which;

    /** What all views have in common. */
    private record State(int[] lengths, int[] reserved, Map<SelfAttention, Layer> layers) {}

    /**
     * Nothing read yet of so many sequences.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Cache(int sequences) {
        if (sequences < 1) {
            throw new IllegalArgumentException("cache: of " + sequences + " sequences");
        }
        state = new State(new int[sequences], new int[sequences], new IdentityHashMap<>());
        which = new int[sequences];
        Arrays.setAll(which, s -> s);
    }

    private Cache(State state, int[] which) {
        this.state = state;
        this.which = which;
    }

    /**
     * These sequences alone, in this order: what a pass over them reads and writes.
     *
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public Cache of(int... sequences) {
        return new Cache(state, Arrays.stream(sequences).map(s -> which[s]).toArray());
    }

    public int sequences() {
        return which.length;
    }

    /** How many tokens of a sequence were read. */
    public int length(int sequence) {
        return state.lengths[which[sequence]];
    }

    /** Says that a sequence will have so many tokens, for which there is room from then on. */
    public void reserve(int sequence, int tokens) {
        state.reserved[which[sequence]] = tokens;
    }

    /** New tokens of each sequence, positioned behind those read. */
    public Rows next(int... offsets) {
        return Rows.tokens(offsets, Arrays.stream(which).map(s -> state.lengths[s]).toArray());
    }

    /** The rows of a pass have been read by every layer. */
    public void advance(Rows rows) {
        for (int s = 0; s < which.length; s++) {
            state.lengths[which[s]] += rows.length(s);
        }
    }

    /** Forgets what was read of a sequence, but keeps the memory. */
    public void clear(int sequence) {
        int number = which[sequence];
        state.lengths[number] = 0;
        state.reserved[number] = 0;
        state.layers.values().forEach(layer -> layer.across[number] = null);
    }

    /** Forgets what was read of a sequence, and gives its memory back. */
    public void free(int sequence) {
        clear(sequence);
        state.layers.values().forEach(layer -> layer.stores[which[sequence]] = null);
    }

    /** The memory of a sequence's keys and values, in bytes; without those of an encoder. */
    public long bytes(int sequence) {
        long elements = 0;
        for (Layer layer : state.layers.values()) {
            Store store = layer.stores[which[sequence]];
            elements += store == null ? 0 : (long) store.keys.size() + store.values.size();
        }
        return Float.BYTES * elements;
    }

    /**
     * Forgets what was read of a sequence behind its first tokens.
     *
     * @throws IllegalArgumentException if it has not read so many
     */
    public void keep(int sequence, int tokens) {
        state.lengths[which[sequence]] = checked(sequence, tokens);
        state.reserved[which[sequence]] = 0;
    }

    private int checked(int sequence, int tokens) {
        if (tokens < 0 || tokens > length(sequence)) {
            throw new IllegalArgumentException("cache: " + tokens + " tokens of a sequence that has read "
                    + length(sequence));
        }
        return tokens;
    }

    /** Sequence {@code to} becomes one that has read what {@code from} has. */
    public void copy(int from, int to) {
        copy(from, to, length(from));
    }

    /**
     * Sequence {@code to} becomes one that has read the first tokens of {@code from}.
     *
     * @throws IllegalArgumentException if {@code from} has not read so many
     */
    public void copy(int from, int to, int tokens) {
        int source = which[from];
        int target = which[to];
        state.lengths[target] = checked(from, tokens);
        state.reserved[target] = Math.max(state.reserved[target], state.reserved[source]);
        for (Layer layer : state.layers.values()) {
            layer.across[target] = layer.across[source];
            Store store = layer.stores[source];
            if (store != null) {
                layer.store(target, store.keys.dim(1)).set(store, store.before + tokens,
                        state.reserved[target]);
            }
        }
    }

    private Layer layer(SelfAttention attention) {
        return state.layers.computeIfAbsent(attention, _ -> new Layer(state.lengths.length));
    }

    /**
     * What the newest rows of a sequence look at in one layer: what is before all, what was read, and themselves.
     *
     * @param before the same in each pass
     * @param keys (new rows, kvHeads·d), as are values
     * @return constants, good until the next pass
     */
    Pair seen(SelfAttention attention, int sequence, @Nullable Pair before, Tensor keys, Tensor values) {
        int number = which[sequence];
        int length = state.lengths[number];
        Layer layer = layer(attention);
        if (length > 0 && layer.stores[number] == null) {
            throw new IllegalStateException("cache: holds " + length
                    + " tokens that this layer has not read, it is another model's");
        }
        Store store = layer.store(number, keys.dim(1));
        if (length == 0) {
            store.before = 0;
            if (before != null) {
                store.write(0, before.keys().value(), before.values().value(), state.reserved[number]);
                store.before = before.keys().shape().dim(0);
            }
        }
        return store.write(store.before + length, keys, values, state.reserved[number]);
    }

    /**
     * Keeps the keys and values of an encoder's rows for a layer.
     *
     * @param offsets of the sequences in them
     */
    void keepAcross(SelfAttention attention, int[] offsets, Pair pair) {
        Layer layer = layer(attention);
        for (int s = 0; s < which.length; s++) {
            layer.across[which[s]] = new Pair(
                    Variable.constant(pair.keys().value().rows(offsets[s], offsets[s + 1]).copy()),
                    Variable.constant(pair.values().value().rows(offsets[s], offsets[s + 1]).copy()));
        }
    }

    /**
     * What {@link #keepAcross} kept of a sequence.
     *
     * @throws IllegalStateException if there is nothing
     */
    Pair across(SelfAttention attention, int sequence) {
        Pair kept = layer(attention).across[which[sequence]];
        if (kept == null) {
            throw new IllegalStateException("cache: has nothing of an encoder for sequence " + sequence
                    + ", and the pass has no encoder's states");
        }
        return kept;
    }

    /** What one layer keeps of each sequence. */
    private static final class Layer {
        private final @Nullable Store[] stores;
        private final @Nullable Pair[] across;

        Layer(int sequences) {
            stores = new Store[sequences];
            across = new Pair[sequences];
        }

        Store store(int number, int width) {
            Store known = stores[number];
            if (known == null) {
                known = new Store(width);
                stores[number] = known;
            }
            return known;
        }
    }

    /** Rows of keys and values that grow. */
    private static final class Store {
        private Tensor keys;
        private Tensor values;
        /** How many rows stand before those read. */
        private int before;

        Store(int width) {
            keys = Tensor.zeros(0, width);
            values = keys;
        }

        /** Writes rows behind the first {@code from}, and gives all of them. */
        Pair write(int from, Tensor moreKeys, Tensor moreValues, int reserved) {
            int end = from + moreKeys.dim(0);
            makeRoom(from, end, before + reserved);
            keys.rows(from, end).set(moreKeys);
            values.rows(from, end).set(moreValues);
            return new Pair(Variable.constant(keys.rows(0, end)), Variable.constant(values.rows(0, end)));
        }

        /** Becomes the first {@code count} rows of another one. */
        void set(Store other, int count, int reserved) {
            before = other.before;
            makeRoom(0, count, before + reserved);
            keys.rows(0, count).set(other.keys.rows(0, count));
            values.rows(0, count).set(other.values.rows(0, count));
        }

        private void makeRoom(int kept, int needed, int reserved) {
            if (needed > keys.dim(0)) {
                int capacity = Math.max(Math.max(needed, reserved), Math.max(FIRST, 2 * keys.dim(0)));
                keys = grown(keys, kept, capacity);
                values = grown(values, kept, capacity);
            }
        }

        private static Tensor grown(Tensor rows, int count, int capacity) {
            Tensor grown = Tensor.zeros(capacity, rows.dim(1));
            grown.rows(0, count).set(rows.rows(0, count));
            return grown;
        }
    }
}
