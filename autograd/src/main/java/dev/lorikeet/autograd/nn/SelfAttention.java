package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.RelativeTerms;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.KeyValues.Pair;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Rotary;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens between a layer's queries, keys and values and its context, for every architecture: rotary positions, a
 * cache of what was read, {@link Attention} itself, and the seam for keys and values. The linear layers around it are
 * the architecture's.
 */
public final class SelfAttention extends Module {
    private final Attention attention;
    private final @Nullable RotaryTables rotary;
    private @Nullable KeyValues adapter;

    /** Without rotary positions. */
    public SelfAttention(Attention attention) {
        this(attention, null);
    }

    /** @param rotary how queries and keys turn with their positions, or null */
    public SelfAttention(Attention attention, @Nullable RotaryTables rotary) {
        this.attention = attention;
        this.rotary = rotary;
    }

    /** What is in the seam, or null. */
    public @Nullable KeyValues adapter() {
        return adapter;
    }

    /** Puts an adapter with its parameters into the seam, or takes it out with null. */
    public void adapter(@Nullable KeyValues next) {
        replaceParameters(adapter == null ? Map.of() : adapter.parameters(),
                next == null ? Map.of() : next.parameters());
        adapter = next;
    }

    /**
     * Each row looks at its own sequence, and at what the cache has of that.
     *
     * @param q (rows, heads·d)
     * @param k (rows, kvHeads·d), as is v
     * @return the context (rows, heads·d)
     * @throws IllegalStateException if there is a cache, and rows see those after their own
     */
    public Variable forward(Pass pass, Variable q, Variable k, Variable v) {
        return forward(pass, q, k, v, null);
    }

    /**
     * As above.
     *
     * @param relative what scores get by distance, or null
     * @throws IllegalStateException if there are terms by key, and keys that this pass does not compute
     */
    public Variable forward(Pass pass, Variable q, Variable k, Variable v, @Nullable RelativeTerms relative) {
        pass.requireRows("attention", q.shape().dim(0));
        Variable query = turned(pass, q, attention.heads());
        Variable key = turned(pass, k, attention.kvHeads());
        KeyValues current = adapter;
        Pair before = current == null ? null : current.before(pass);
        if (relative != null && relative.byKey() != null && (before != null || pass.cache() != null)) {
            throw new IllegalStateException("attention: terms for each key of the pass, and other keys beside them");
        }
        Variable context = pass.cache() == null ? within(pass, query, before, key, v, relative)
                : cached(pass, pass.cache(), query, before, key, v, relative);
        Variable beside = current == null ? null : current.beside(pass, query);
        if (beside != null && !beside.shape().equals(context.shape())) {
            throw new IllegalArgumentException("attention: context " + context.shape() + ", beside it "
                    + beside.shape());
        }
        return beside == null ? context : ElementOps.add(pass.tape(), context, beside);
    }

    /**
     * Each row looks at all rows that the encoder has of its sequence. A cache keeps their keys and values: passes that
     * go on with it need no encoder any more.
     *
     * @param q (rows, heads·d)
     * @param memory gives keys and values (rows of the encoder, kvHeads·d), where the cache has none
     * @return the context (rows, heads·d)
     * @throws IllegalStateException if neither pass nor cache has an encoder, or this is causal or has rotary positions
     */
    public Variable cross(Pass pass, Variable q, Supplier<Pair> memory) {
        if (attention.causal() || rotary != null) {
            throw new IllegalStateException("attention: causal or with rotary positions, so none to an encoder's rows");
        }
        Cache cache = pass.cache();
        if (cache != null && pass.encoder() == null) {
            return eachSequence(pass, q, null, s -> cache.across(this, s));
        }
        int[] offsets = pass.requireEncoder().rows().offsets();
        Pair pair = memory.get();
        if (cache != null) {
            cache.keepAcross(this, offsets, pair);
        }
        return SequenceOps.attention(pass.tape(), attention, q, pair.keys(), pair.values(), pass.rows().offsets(),
                offsets);
    }

    private Variable turned(Pass pass, Variable x, int heads) {
        if (rotary == null) {
            return x;
        }
        int[] positions = pass.rows().positions();
        Rotary tables = rotary.covering(positions);
        return SequenceOps.rotary(pass.tape(), tables, x, positions, heads);
    }

    private Variable within(Pass pass, Variable q, @Nullable Pair before, Variable k, Variable v,
            @Nullable RelativeTerms relative) {
        int[] offsets = pass.rows().offsets();
        if (before == null) {
            return SequenceOps.attention(pass.tape(), attention, q, k, v, offsets, offsets, relative);
        }
        int more = before.keys().shape().dim(0);
        int[] keyOffsets = offsets.clone();
        for (int s = 0; s < keyOffsets.length; s++) {
            keyOffsets[s] += s * more;
        }
        int[] index = behind(more, pass.rows());
        return SequenceOps.attention(pass.tape(), attention, q, joined(pass.tape(), before.keys(), k, index),
                joined(pass.tape(), before.values(), v, index), offsets, keyOffsets, relative);
    }

    /** Where {@code more} rows stand before all others: those rows and its own for each sequence. */
    private static int[] behind(int more, Rows rows) {
        int[] index = new int[rows.count() + more * rows.sequences()];
        int next = 0;
        for (int s = 0; s < rows.sequences(); s++) {
            for (int i = 0; i < more; i++) {
                index[next++] = i;
            }
            for (int i = rows.offsets()[s]; i < rows.offsets()[s + 1]; i++) {
                index[next++] = more + i;
            }
        }
        return index;
    }

    private static Variable joined(Tape tape, Variable before, Variable own, int[] index) {
        return ShapeOps.gather(tape, ShapeOps.concat(tape, 0, before, own), index);
    }

    private Variable cached(Pass pass, Cache cache, Variable q, @Nullable Pair before, Variable k, Variable v,
            @Nullable RelativeTerms relative) {
        if (!attention.causal()) {
            throw new IllegalStateException("attention: rows see those after their own, so that no cache can be kept");
        }
        int[] offsets = pass.rows().offsets();
        return eachSequence(pass, q, relative, s -> cache.seen(this, s, before,
                k.value().rows(offsets[s], offsets[s + 1]), v.value().rows(offsets[s], offsets[s + 1])));
    }

    /** Sequence by sequence, so that what was read before lies where it is. */
    private Variable eachSequence(Pass pass, Variable q, @Nullable RelativeTerms relative, IntFunction<Pair> seen) {
        Rows rows = pass.rows();
        if (rows.sequences() == 1) {
            return attend(pass.tape(), q, seen.apply(0), relative);
        }
        Variable[] contexts = new Variable[rows.sequences()];
        for (int s = 0; s < contexts.length; s++) {
            int from = rows.offsets()[s];
            int to = rows.offsets()[s + 1];
            contexts[s] = attend(pass.tape(), ShapeOps.slice(pass.tape(), q, 0, from, to), seen.apply(s),
                    relative == null ? null : relative.rows(pass.tape(), from, to));
        }
        return ShapeOps.concat(pass.tape(), 0, contexts);
    }

    private Variable attend(Tape tape, Variable q, Pair seen, @Nullable RelativeTerms relative) {
        return SequenceOps.attention(tape, attention, q, seen.keys(), seen.values(),
                new int[] {0, q.shape().dim(0)}, new int[] {0, seen.keys().shape().dim(0)}, relative);
    }
}
