package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.primitive.LongIntMap;
import java.util.Arrays;

/**
 * The symbols of a word while byte-pair encoding merges them: a linked list, and a heap of the pairs that could be
 * merged next, the lowest rank first and of equal ones the leftmost. A word of n symbols takes n log n steps.
 */
final class Symbols {
    private static final int NONE = -1;

    private int[] ids; // NONE for those that were merged into the one before
    private int[] starts;
    private int[] ends;
    private int[] next = {};
    private int[] previous = {};
    private int count;
    /** Pairs: rank in the upper half, the left symbol in the lower. */
    private long[] heap = {};
    private int heaped;

    Symbols(int capacity) {
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
    }

    void add(int id, int start, int end) {
        if (count == ids.length) {
            int capacity = 2 * count + 16;
            ids = Arrays.copyOf(ids, capacity);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
        ids[count] = id;
        starts[count] = start;
        ends[count++] = end;
    }

    /** Makes the symbol that was added last reach to another end. */
    void lengthenLast(int end) {
        ends[count - 1] = end;
    }

    /**
     * Merges all that can be merged.
     *
     * @param ranks of a pair of ids, the left one in the upper half, its rank, or -1
     * @param merged the id that comes of each rank
     */
    void merge(LongIntMap ranks, int[] merged) {
        if (count < 2) {
            return;
        }
        link();
        for (int i = 0; i + 1 < count; i++) {
            offer(i, ranks);
        }
        while (heaped > 0) {
            long pair = poll();
            int left = (int) pair;
            int id = merged[(int) (pair >> 32)];
            int right = ids[left] == NONE ? NONE : next[left];
            if (right == NONE) {
                continue;
            }
            int rank = ranks.get(key(ids[left], ids[right])); // the pair may be another by now
            if (rank < 0 || merged[rank] != id) {
                continue;
            }
            ids[left] = id;
            ends[left] = ends[right];
            ids[right] = NONE;
            next[left] = next[right];
            if (next[left] != NONE) {
                previous[next[left]] = left;
                offer(left, ranks);
            }
            if (previous[left] != NONE) {
                offer(previous[left], ranks);
            }
        }
    }

    private void link() {
        next = new int[count];
        previous = new int[count];
        heap = new long[2 * count];
        for (int i = 0; i < count; i++) {
            next[i] = i + 1 < count ? i + 1 : NONE;
            previous[i] = i - 1;
        }
    }

    void addTo(TokenList tokens) {
        for (int i = 0; i < count; i++) {
            if (ids[i] != NONE) {
                tokens.add(ids[i], starts[i], ends[i]);
            }
        }
    }

    static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private void offer(int left, LongIntMap ranks) {
        int rank = ranks.get(key(ids[left], ids[next[left]]));
        if (rank < 0) {
            return;
        }
        if (heaped == heap.length) {
            heap = Arrays.copyOf(heap, 2 * heaped);
        }
        long pair = (long) rank << 32 | left;
        int hole = heaped++;
        for (int parent = hole - 1 >>> 1; hole > 0 && heap[parent] > pair; parent = hole - 1 >>> 1) {
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = pair;
    }

    private long poll() {
        long least = heap[0];
        long last = heap[--heaped];
        int hole = 0;
        for (int child = 1; child < heaped; child = 2 * hole + 1) {
            if (child + 1 < heaped && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = last;
        return least;
    }
}
