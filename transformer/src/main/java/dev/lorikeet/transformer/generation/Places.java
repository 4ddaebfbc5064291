package dev.lorikeet.transformer.generation;

import dev.lorikeet.autograd.nn.Cache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sequences of a cache, those that are free among them. A free one keeps what it has read until its place is
 * needed: a prompt that begins as one before it did, as each turn of a talk does, is read from where they part. The
 * longest unused give their memory back where all free ones have more than there is for them; the last one keeps it.
 */
final class Places {
    private final Cache cache;
    private final long mostBytes;
    /** The longest unused first. */
    private final List<Integer> free = new ArrayList<>();
    private final @Nullable Read[] kept;

    /** What a sequence has read, and by which adapter. */
    private record Read(int[] ids, @Nullable String adapter) {
        /** How many tokens of a prompt it has read, but for the last, by which the first new one is chosen. */
        int common(Prompt prompt) {
            if (!Objects.equals(adapter, prompt.adapter())) {
                return 0;
            }
            int parting = Arrays.mismatch(ids, prompt.ids());
            return Math.min(parting < 0 ? ids.length : parting, prompt.ids().length - 1);
        }
    }

    /** @param mostBytes of the keys and values of the free sequences, where the last used has less */
    Places(Cache cache, long mostBytes) {
        this.cache = cache;
        this.mostBytes = mostBytes;
        this.kept = new Read[cache.sequences()];
        IntStream.range(0, kept.length).forEach(free::add);
    }

    int free() {
        return free.size();
    }

    /** So many sequences that have read nothing. */
    int[] take(int count) {
        int[] taken = IntStream.range(0, count).map(_ -> free.removeFirst()).toArray();
        Arrays.stream(taken).forEach(this::empty);
        return taken;
    }

    /** A sequence that has read as much of a prompt as any free one has. */
    int take(Prompt prompt) {
        int best = 0;
        int common = 0;
        for (int sequence : free) {
            Read read = kept[sequence];
            int own = read == null ? 0 : read.common(prompt);
            if (own > common) {
                best = sequence;
                common = own;
            }
        }
        Read read = kept[best];
        if (common == 0 || read == null) {
            return take(1)[0];
        }
        if (free.size() == 1 || 2 * common >= read.ids.length) {
            free.remove((Integer) best);
            cache.keep(best, common);
            return best;
        }
        // much of it is another's, who may come back
        int other = free.getFirst() == best ? free.get(1) : free.getFirst();
        free.remove((Integer) other);
        empty(other);
        cache.copy(best, other, common);
        return other;
    }

    /** Makes a sequence free that has read these tokens. */
    void release(int sequence, int[] ids, @Nullable String adapter) {
        kept[sequence] = new Read(ids, adapter);
        free.add(sequence);
        shrink();
    }

    /** Makes a sequence free, and empty. */
    void release(int sequence) {
        empty(sequence);
        free.addFirst(sequence);
        shrink();
    }

    private void shrink() {
        long held = free.stream().mapToLong(cache::bytes).sum();
        for (int i = 0; held > mostBytes && i < free.size() - 1; i++) {
            int sequence = free.get(i);
            held -= cache.bytes(sequence);
            cache.free(sequence);
            kept[sequence] = null;
        }
    }

    private void empty(int sequence) {
        cache.clear(sequence);
        kept[sequence] = null;
    }
}
